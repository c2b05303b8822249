/**
 * Reads times, durations and limits as Prometheus and Loki read them, and says what is wrong in their words.
 */
import { BinnacleError, tryParseDuration } from "@binnacle/model";

function invalid(name: string, reason: string): BinnacleError {
  return new BinnacleError("BAD_PARAMETER", `invalid parameter "${name}": ${reason}`);
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Largest time Prometheus's API takes: 2^53 ms is the last whole millisecond that a double tells apart. */
const TIME_MS_MAX = Number.MAX_SAFE_INTEGER;

/** Unix ms of a time as Prometheus's API takes it: RFC 3339 or decimal seconds. */
export function readTimeMs(name: string, text: string): number {
  const ms = DECIMAL.test(text)
    ? Math.round(Number(text) * 1000)
    : RFC3339.test(text)
      ? Date.parse(text)
      : NaN;
  if (Number.isNaN(ms)) {
    throw invalid(
      name,
      `invalid time value for '${name}': cannot parse ${JSON.stringify(text)} to a valid timestamp ` +
        "(expected RFC 3339 or Unix seconds)",
    );
  }
  if (Math.abs(ms) > TIME_MS_MAX)
    throw invalid(name, `timestamp ${text} is out of range: at most ${TIME_MS_MAX} ms`);
  return ms;
}

/** Milliseconds of a duration as Prometheus's API takes it: `1h30m` or decimal seconds. May be fractional. */
export function readDurationMs(name: string, text: string): number {
  const ms = DECIMAL.test(text) ? Number(text) * 1000 : tryParseDuration(text);
  if (ms === undefined || !Number.isFinite(ms)) {
    throw invalid(
      name,
      `cannot parse ${JSON.stringify(text)} to a valid duration (expected for example 15s or seconds)`,
    );
  }
  return ms;
}

/** A whole number ≥ 0; undefined for an absent parameter and for 0, which mean no limit. */
export function readLimit(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const limit = /^-?\d+$/.test(text) ? Number(text) : NaN;
  if (limit < 0) throw invalid(name, "limit must be non-negative");
  if (!Number.isSafeInteger(limit)) throw invalid(name, `${JSON.stringify(text)} is not a whole number`);
  return limit === 0 ? undefined : limit;
}

/** A flag as Go reads it; the default where it is absent. */
export function readFlag(name: string, text: string | undefined, byDefault: boolean): boolean {
  if (text === undefined || text === "") return byDefault;
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw invalid(name, `${JSON.stringify(text)} is neither true nor false`);
}

/**
 * Unix ns of a time as Loki's API takes it. Over 10 digits: nanoseconds; else seconds, with a fraction or
 * without.
 */
export function readLokiTimeNs(name: string, text: string): bigint {
  if (/^-?\d+$/.test(text)) {
    const whole = BigInt(text);
    return text.replace("-", "").length > 10 ? whole : whole * 1_000_000_000n;
  }
  if (/^-?\d+\.\d+(e[+-]?\d+)?$/i.test(text)) return BigInt(Math.round(Number(text) * 1000)) * 1_000_000n;
  const nanos = readRfc3339Ns(text);
  if (nanos === undefined) {
    throw invalid(
      name,
      `cannot parse ${JSON.stringify(text)} to a valid timestamp (expected Unix ns, Unix seconds or RFC 3339)`,
    );
  }
  return nanos;
}

function readRfc3339Ns(text: string): bigint | undefined {
  if (!RFC3339.test(text)) return undefined;
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
  const ms = Date.parse(text.replace(/\.\d+/, ""));
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
}
