/**
 * Writes values as Go's fmt does: `print` and `println`, and one value by one verb for `printf`.
 *
 * Nothing here fails: what does not fit is said in the text, `%!d(string=hi)`.
 */
import { compareText } from "@binnacle/model";
import { formatFloat, formatShortest } from "./format-float.ts";
import { quote, quoteChar } from "./quote.ts";
import { GoFunction, isList, isMap, isRecord, typeName, type CallContext, type Value } from "./values.ts";

/** A verb with its flags. */
export interface Spec {
  verb: string;
  plus: boolean;
  minus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  width: number | undefined;
  precision: number | undefined;
}

export const PLAIN: Spec = {
  verb: "v",
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  width: undefined,
  precision: undefined,
};

const NO_CONTEXT: CallContext = { executeTemplate: () => "", missingValue: undefined };

/** A value as `%v` writes it. */
export function formatValue(value: Value): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? formatShortest(value) : formatOne(value, PLAIN);
}

/** As Sprint: a space between two operands of which neither is a string. */
export function print(values: readonly Value[]): string {
  let text = "";
  values.forEach((value, i) => {
    const spaced = i > 0 && typeof value !== "string" && typeof values[i - 1] !== "string";
    text += (spaced ? " " : "") + formatValue(value);
  });
  return text;
}

/** As Sprintln: spaces between all, a line feed at the end. */
export function println(values: readonly Value[]): string {
  return `${values.map(formatValue).join(" ")}\n`;
}

/** `type=value`, as Go describes an argument it could not use. */
export function describe(value: Value): string {
  return value === undefined ? "<nil>" : `${typeName(value)}=${formatOne(value, PLAIN)}`;
}

function badVerb(value: Value, spec: Spec): string {
  return `%!${spec.verb}(${describe(value)})`;
}

/** One value by its verb. */
export function formatOne(value: Value, spec: Spec): string {
  if (spec.verb === "T") return pad(typeName(value), { ...spec, precision: undefined });
  if (value === undefined) return spec.verb === "v" ? pad("<nil>", spec) : badVerb(value, spec);
  switch (typeof value) {
    case "string":
      return formatString(value, spec);
    case "bigint":
      return formatInt(value, spec);
    case "number":
      return formatNumber(value, spec);
    case "boolean":
      return spec.verb === "v" || spec.verb === "t" ? pad(String(value), spec) : badVerb(value, spec);
    default:
      return formatCompound(value, spec);
  }
}

function formatCompound(value: Value & object, spec: Spec): string {
  if (isList(value)) return `[${value.map((element) => formatOne(element, spec)).join(" ")}]`;
  if (isMap(value)) {
    const keys = [...value.keys()].sort(compareText);
    const pairs = keys.map((key) => `${formatOne(key, spec)}:${formatOne(value.get(key), spec)}`);
    return `map[${pairs.join(" ")}]`;
  }
  if (!isRecord(value)) return "func";
  const { String: stringer } = value;
  if (stringer instanceof GoFunction && "vsq".includes(spec.verb)) {
    return formatOne(stringer.call([], NO_CONTEXT), spec);
  }
  const fields = Object.values(value).filter((field) => !(field instanceof GoFunction));
  return `{${fields.map((field) => formatOne(field, spec)).join(" ")}}`;
}

function formatString(value: string, spec: Spec): string {
  switch (spec.verb) {
    case "v":
      return pad(spec.sharp ? quote(value, false) : truncate(value, spec), spec);
    case "s":
      return pad(truncate(value, spec), spec);
    case "q": {
      const text = truncate(value, spec);
      const raw = spec.sharp && !/(?!\t)[`\p{Cc}\ufeff]/u.test(text);
      return pad(raw ? `\`${text}\`` : quote(text, spec.plus), spec);
    }
    case "x":
    case "X":
      return pad(hexBytes(Buffer.from(value, "utf8"), spec), spec);
    default:
      return badVerb(value, spec);
  }
}

function truncate(text: string, spec: Spec): string {
  if (spec.precision === undefined || text.length <= spec.precision) return text;
  return Array.from(text).slice(0, spec.precision).join("");
}

function hexBytes(bytes: Buffer, spec: Spec): string {
  const prefix = spec.sharp ? "0x" : "";
  const cut = spec.precision === undefined ? bytes : bytes.subarray(0, spec.precision);
  const pairs = [...cut].map((byte) => byte.toString(16).padStart(2, "0"));
  const text = spec.space ? pairs.map((pair) => prefix + pair).join(" ") : prefix + pairs.join("");
  if (pairs.length === 0) return "";
  return spec.verb === "X" ? text.toUpperCase() : text;
}

const INT_BASES: Readonly<Record<string, readonly [base: number, prefix: string]>> = {
  v: [10, ""],
  d: [10, ""],
  b: [2, "0b"],
  o: [8, "0"],
  O: [8, ""],
  x: [16, "0x"],
  X: [16, "0X"],
};

function formatInt(value: bigint, spec: Spec): string {
  switch (spec.verb) {
    case "c":
      return pad(codePoint(value), spec);
    case "q":
      return pad(quoteChar(codePoint(value), spec.plus), spec);
    case "U":
      return pad(`U+${value.toString(16).toUpperCase().padStart(4, "0")}`, { ...spec, zero: false });
    default:
  }
  const base = Object.hasOwn(INT_BASES, spec.verb) ? INT_BASES[spec.verb] : undefined;
  if (base === undefined) return badVerb(value, spec);
  const negative = value < 0n;
  let digits = (negative ? -value : value).toString(base[0]);
  if (spec.verb === "X") digits = digits.toUpperCase();
  if (spec.precision !== undefined) {
    // Go writes nothing at all for a zero of no digits.
    if (spec.precision === 0 && value === 0n) return " ".repeat(spec.width ?? 0);
    digits = digits.padStart(spec.precision, "0");
  }
  const prefix = (spec.sharp ? base[1] : "") + (spec.verb === "O" ? "0o" : "");
  const zero = spec.zero && spec.precision === undefined;
  return padNumber(signOf(negative, spec) + prefix, digits, { ...spec, zero });
}

function codePoint(value: bigint): string {
  const valid = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn);
  return valid ? String.fromCodePoint(Number(value)) : "\ufffd";
}

function formatNumber(value: number, spec: Spec): string {
  const text = floatText(value, spec);
  if (text === undefined) return badVerb(value, spec);
  const negative = text.startsWith("-");
  const magnitude = text.replace(/^[+-]/, "");
  if (!Number.isFinite(value)) {
    const sign =
      Number.isNaN(value) || (value > 0 && !spec.space) ? explicitSign(value, spec) : signOf(negative, spec);
    return pad(sign + magnitude, { ...spec, zero: false });
  }
  return padNumber(signOf(negative, spec), magnitude, spec);
}

/** Infinity always has its sign; NaN only where one is asked for. */
function explicitSign(value: number, spec: Spec): string {
  if (spec.space && !spec.plus) return " ";
  return spec.plus || !Number.isNaN(value) ? "+" : "";
}

function floatText(value: number, spec: Spec): string | undefined {
  switch (spec.verb) {
    case "v":
    case "g":
      return formatFloat(value, "g", spec.precision);
    case "G":
      return formatFloat(value, "g", spec.precision).replace("e", "E");
    case "e":
      return formatFloat(value, "e", spec.precision ?? 6);
    case "E":
      return formatFloat(value, "e", spec.precision ?? 6).replace("e", "E");
    case "f":
    case "F":
      return formatFloat(value, "f", spec.precision ?? 6);
    default:
      return undefined;
  }
}

function signOf(negative: boolean, spec: Spec): string {
  if (negative) return "-";
  if (spec.plus) return "+";
  return spec.space ? " " : "";
}

/** Zeros go between the sign and the digits. */
function padNumber(sign: string, digits: string, spec: Spec): string {
  if (!spec.zero || spec.width === undefined) return pad(sign + digits, spec);
  return sign + digits.padStart(spec.width - sign.length, "0");
}

/** To the width, counted in characters as Go counts them. */
function pad(text: string, spec: Spec): string {
  if (spec.width === undefined) return text;
  const missing = spec.width - Array.from(text).length;
  if (missing <= 0) return text;
  if (spec.minus) return text + " ".repeat(missing);
  return (spec.zero ? "0" : " ").repeat(missing) + text;
}
