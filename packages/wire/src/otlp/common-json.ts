/**
 * Reads what OTLP's signals share from JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 *
 * It is protobuf's JSON but for bytes of ids, which are hexadecimal, and enums, which are numbers. Whatever
 * is of a wrong type is BAD_BODY with the path of the value; keys that nobody knows are left alone.
 */
import { BinnacleError } from "@binnacle/model";
import { OTLP_ATTRIBUTES_MAX, OTLP_DEPTH_MAX, QUOTED_BYTES_MAX } from "../limits.ts";
import type { AnyValue, Attribute, Resource, Scope } from "./common.ts";

const WHOLE = /^-?[0-9]{1,20}$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const HEXADECIMAL = /^(?:[0-9a-fA-F]{2})*$/;

/** protobuf's types of whole numbers, and what they reach from and to. */
const WHOLE_RANGES = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

type WholeType = keyof typeof WHOLE_RANGES;

/** An object of the body, with the path at which it stands, for messages. */
export class JsonNode {
  readonly path: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(value: unknown, path: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "an object", value);
    this.#fields = value as Record<string, unknown>;
    this.path = path;
  }

  /** Parses a body. Throws BAD_BODY. */
  static parse(body: Uint8Array): JsonNode {
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"));
    } catch (cause) {
      throw new BinnacleError("BAD_BODY", `the body is not JSON: ${(cause as Error).message}`, { cause });
    }
    return new JsonNode(value, "");
  }

  /** The field's value as it stands. null means that it is not given. */
  raw(key: string): unknown {
    return Object.hasOwn(this.#fields, key) ? (this.#fields[key] ?? undefined) : undefined;
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  child(key: string): JsonNode | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : new JsonNode(value, this.#pathOf(key));
  }

  /** Objects of a list; none where it is not given. */
  *children(key: string): IterableIterator<JsonNode> {
    const values = this.list(key);
    for (let i = 0; i < values.length; i++) yield new JsonNode(values[i], `${this.#pathOf(key)}[${i}]`);
  }

  list(key: string): readonly unknown[] {
    const value = this.raw(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) fail(this.#pathOf(key), "a list", value);
    return value as unknown[];
  }

  text(key: string): string {
    const value = this.raw(key);
    if (value === undefined) return "";
    if (typeof value !== "string") fail(this.#pathOf(key), "a text", value);
    // An escape may be half of a character, which UTF-8 cannot say: it would not be stored as it is here.
    return value.toWellFormed();
  }

  bool(key: string): boolean {
    const value = this.raw(key);
    if (value === undefined) return false;
    if (typeof value !== "boolean") fail(this.#pathOf(key), "true or false", value);
    return value;
  }

  /** A double, which may be written "NaN", "Infinity" or "-Infinity", or as a text of digits. */
  double(key: string): number {
    return this.has(key) ? toDouble(this.raw(key), this.#pathOf(key)) : 0;
  }

  doubles(key: string): number[] {
    return this.list(key).map((value, i) => toDouble(value, `${this.#pathOf(key)}[${i}]`));
  }

  /** A whole number as the nearest number; a text or a number. */
  whole(key: string, type: WholeType): number {
    return Number(this.wholeExact(key, type));
  }

  wholes(key: string, type: WholeType): number[] {
    return this.list(key).map((value, i) => Number(toWhole(value, `${this.#pathOf(key)}[${i}]`, type)));
  }

  /** A whole number. One written as a number beyond 2^53 is the one that JavaScript reads. */
  wholeExact(key: string, type: WholeType): bigint {
    return this.has(key) ? toWhole(this.raw(key), this.#pathOf(key), type) : 0n;
  }

  /** Bytes written in hexadecimal, as ids of traces and spans are. */
  hexadecimal(key: string): Uint8Array {
    const text = this.text(key);
    if (!HEXADECIMAL.test(text)) fail(this.#pathOf(key), "bytes in hexadecimal", text);
    return Buffer.from(text, "hex");
  }

  base64(key: string): Uint8Array {
    const text = this.text(key);
    if (!BASE64.test(text)) fail(this.#pathOf(key), "bytes in base64", text);
    return Buffer.from(text, "base64");
  }

  /** Throws BAD_BODY with the path of one of its fields. */
  fail(key: string, expected: string): never {
    fail(this.#pathOf(key), expected, this.raw(key));
  }

  #pathOf(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }
}

export function resourceFromJson(node: JsonNode | undefined): Resource {
  return { attributes: node === undefined ? [] : attributesFromJson(node, "attributes") };
}

export function scopeFromJson(node: JsonNode | undefined): Scope {
  if (node === undefined) return { name: "", version: "", attributes: [] };
  return {
    name: node.text("name"),
    version: node.text("version"),
    attributes: attributesFromJson(node, "attributes"),
  };
}

export function attributesFromJson(node: JsonNode, key: string, depth = 0): Attribute[] {
  if (node.list(key).length > OTLP_ATTRIBUTES_MAX) {
    node.fail(key, `at most ${OTLP_ATTRIBUTES_MAX} attributes (OTLP_ATTRIBUTES_MAX)`);
  }
  const attributes: Attribute[] = [];
  for (const child of node.children(key)) {
    attributes.push({ key: child.text("key"), value: anyValueFromJson(child.child("value"), depth) });
  }
  return attributes;
}

/** The value of an object that is an AnyValue. `depth` counts the values around it. */
export function anyValueFromJson(node: JsonNode | undefined, depth = 0): AnyValue {
  if (node === undefined) return undefined;
  if (depth > OTLP_DEPTH_MAX) {
    throw new BinnacleError(
      "BAD_BODY",
      `${node.path.slice(0, QUOTED_BYTES_MAX)}…: a value is nested more than ${OTLP_DEPTH_MAX} deep (OTLP_DEPTH_MAX)`,
    );
  }
  if (node.has("stringValue")) return node.text("stringValue");
  if (node.has("boolValue")) return node.bool("boolValue");
  if (node.has("intValue")) return node.wholeExact("intValue", "int64");
  if (node.has("doubleValue")) return node.double("doubleValue");
  if (node.has("bytesValue")) return node.base64("bytesValue");
  const list = node.child("arrayValue");
  if (list !== undefined)
    return [...list.children("values")].map((child) => anyValueFromJson(child, depth + 1));
  const map = node.child("kvlistValue");
  if (map !== undefined) return { attributes: attributesFromJson(map, "values", depth + 1) };
  return undefined;
}

function toDouble(value: unknown, path: string): number {
  if (typeof value === "number") return value;
  if (value === "NaN") return Number.NaN;
  if (value === "Infinity") return Infinity;
  if (value === "-Infinity") return -Infinity;
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : fail(path, "a number", value);
}

function toWhole(value: unknown, path: string, type: WholeType): bigint {
  const isNumber = typeof value === "number" && Number.isInteger(value);
  if (isNumber || (typeof value === "string" && WHOLE.test(value))) {
    const whole = BigInt(value);
    const [min, max] = WHOLE_RANGES[type];
    if (whole >= min && whole <= max) return whole;
  }
  return fail(path, `a whole number (${type})`, value);
}

function fail(path: string, expected: string, found: unknown): never {
  throw new BinnacleError(
    "BAD_BODY",
    `${path === "" ? "the body" : path}: expected ${expected}, found ${quoted(found)}`,
  );
}

/** Lists and objects are only named: they may be as long and as deep as the body. */
function quoted(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value !== "string" || value.length <= QUOTED_BYTES_MAX) return JSON.stringify(value);
  return `${JSON.stringify(value.slice(0, QUOTED_BYTES_MAX))}…`;
}
