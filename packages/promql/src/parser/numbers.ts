/** Number literals: read as Prometheus reads them, and written as Go writes them. */

/**
 * Decimal, hexadecimal or octal (`0x1F`, `0o17`, `017`), `1_000`, `1e3`, Inf, NaN, with a sign; undefined if
 * none.
 */
export function parseNumber(text: string): number | undefined {
  const match = /^([+-]?)(.*)$/s.exec(text)!;
  const value = parseUnsigned(match[2]!);
  return value === undefined ? undefined : match[1] === "-" ? -value : value;
}

function parseUnsigned(text: string): number | undefined {
  const lower = text.toLowerCase();
  if (lower === "inf" || lower === "infinity") return Infinity;
  if (lower === "nan") return NaN;
  if (/_/.test(lower)) {
    return /^_|__|_$|_\.|\._|_e|e_/.test(lower) ? undefined : parseUnsigned(lower.replaceAll("_", ""));
  }
  if (/^0x[0-9a-f]+$/.test(lower)) return Number(lower);
  if (/^0o?[0-7]+$/.test(lower)) return Number.parseInt(lower.replace(/^0o?/, ""), 8);
  if (/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/.test(lower)) return Number(lower);
  return undefined;
}

/** As Go's strconv.FormatFloat(value, 'f', -1, 64): the shortest digits that read back, never an exponent. */
export function formatPlain(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const digits = match[2]! + (match[3] ?? "");
  const exponent = Number(match[4]);
  if (exponent < 0) return `${match[1]}0.${"0".repeat(-exponent - 1)}${digits}`;
  return `${match[1]}${digits.padEnd(exponent + 1, "0")}`;
}

/** As Go's %g: the shortest digits that read back, an exponent of two digits below 1e-4 and from 1e6 on. */
export function formatGeneral(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e6)) {
    return value
      .toExponential()
      .replace(/e([+-])(\d)$/, (_, sign: string, digit: string) => `e${sign}0${digit}`);
  }
  return formatPlain(value);
}
