/** Units: how a number is written, and what a query's numbers probably are. */

export type Unit = "number" | "bytes" | "seconds" | "ratio" | "bytes/s" | "number/s";

const SI: readonly (readonly [factor: number, suffix: string])[] = [
  [1e18, "E"],
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];
const BINARY: readonly (readonly [factor: number, suffix: string])[] = [
  [2 ** 50, " PiB"],
  [2 ** 40, " TiB"],
  [2 ** 30, " GiB"],
  [2 ** 20, " MiB"],
  [2 ** 10, " KiB"],
];
const TIME: readonly (readonly [factor: number, suffix: string])[] = [
  [86_400, " d"],
  [3600, " h"],
  [60, " min"],
  [1, " s"],
  [1e-3, " ms"],
  [1e-6, " µs"],
  [1e-9, " ns"],
];

/** A value as a person reads it, at most four significant digits. */
export function formatValue(value: number | null | undefined, unit: Unit = "number"): string {
  if (value === null || value === undefined) return "—";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "−Inf";
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  switch (unit) {
    case "bytes":
      return sign + scaled(size, BINARY, " B");
    case "bytes/s":
      return `${sign}${scaled(size, BINARY, " B")}/s`;
    case "seconds":
      return sign + (size === 0 ? "0 s" : scaled(size, TIME, " ns"));
    case "ratio":
      return `${sign}${digits(size * 100)} %`;
    case "number/s":
      return `${sign}${scaled(size, SI, "")}/s`;
    default:
      return sign + scaled(size, SI, "");
  }
}

function scaled(size: number, scale: readonly (readonly [number, string])[], base: string): string {
  // 999.96 would be written as 1000: it belongs to the next scale already.
  const step = scale.find(([factor]) => size >= factor * 0.99995);
  return step === undefined ? digits(size) + base : digits(size / step[0]) + step[1];
}

function digits(value: number): string {
  if (value === 0) return "0";
  if (value >= 1000) return String(Math.round(value));
  if (value < 1e-4) return value.toExponential(1).replace("-", "−");
  const decimals = value >= 100 ? 1 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return trimZeros(value >= 0.01 ? value.toFixed(decimals) : value.toPrecision(2));
}

function trimZeros(text: string): string {
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
}

/** A reading split for display, so that the unit can stand small beside the number: ["12.4", "GiB"]. */
export function splitValue(value: number | undefined, unit: Unit): [number: string, unit: string] {
  const text = formatValue(value, unit);
  const match = /^([−+]?[\d.]+(?:e−?\d+)?)\s*(.*)$/.exec(text);
  return match === null ? [text, ""] : [match[1]!, match[2]!];
}

const STRINGS = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g;
const IDENTIFIER = /[a-zA-Z_:][a-zA-Z0-9_:]*/g;
const PER_SECOND = /\b(?:rate|irate|deriv)\s*\(/;

/**
 * The unit that the names in a query suggest: exporters end them in it. Where a query divides, or mixes,
 * nothing is suggested; a guess must never be wrong, only missing.
 */
export function guessUnit(query: string): Unit {
  const bare = query.replace(STRINGS, "").replace(/\{[^{}]*\}/g, "");
  if (/[/*^%]/.test(bare)) return "number";
  const units = new Set<Unit>();
  for (const [name] of bare.matchAll(IDENTIFIER)) {
    const unit = unitOfName(name);
    if (unit !== undefined) units.add(unit);
  }
  const [unit] = units;
  if (units.size !== 1 || unit === undefined)
    return PER_SECOND.test(bare) && units.size === 0 ? "number/s" : "number";
  if (/\bcount\b|\bcount_values\b|\bchanges\b|[<>]|==|!=/.test(bare)) return "number";
  if (/\bhistogram_quantile\b/.test(bare) || !PER_SECOND.test(bare)) return unit;
  // Seconds of use per second are a share of one; their unit is none.
  return unit === "bytes" ? "bytes/s" : "number";
}

function unitOfName(name: string): Unit | undefined {
  const base = name.replace(/_(?:total|bucket|sum|max|min)$/, "");
  if (base.endsWith("_bytes")) return "bytes";
  if (base.endsWith("_timestamp_seconds") || base.endsWith("_time_seconds")) return undefined;
  if (base.endsWith("_seconds")) return "seconds";
  if (base.endsWith("_ratio")) return "ratio";
  return undefined;
}
