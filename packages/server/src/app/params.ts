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

function noTime(text: string): string {
  return `cannot parse ${JSON.stringify(text)} to a valid timestamp`;
}

/** A bound of a range query: as `readTimeMs`, but Prometheus has fewer words for one that is none. */
export function readRangeTimeMs(name: string, text = ""): number {
  const isTime = DECIMAL.test(text) || (RFC3339.test(text) && !Number.isNaN(Date.parse(text)));
  if (!isTime) throw invalid(name, noTime(text));
  return readTimeMs(name, text);
}

/** Unix ms of a time as Prometheus's API takes it: RFC 3339 or decimal seconds. */
export function readTimeMs(name: string, text: string): number {
  const ms = DECIMAL.test(text)
    ? Math.round(Number(text) * 1000)
    : RFC3339.test(text)
      ? Date.parse(text)
      : NaN;
  if (Number.isNaN(ms)) {
    throw invalid(name, `invalid time value for '${name}': ${noTime(text)}`);
  }
  if (Math.abs(ms) > TIME_MS_MAX)
    throw invalid(name, `timestamp ${text} is out of range: at most ${TIME_MS_MAX} ms`);
  return ms;
}

/** Longest duration Prometheus takes, in seconds: 64 bits of nanoseconds. */
const DURATION_SECONDS_MAX = 2 ** 63 / 1e9;

/** Milliseconds of a duration as Prometheus's API takes it: `1h30m` or decimal seconds. May be fractional. */
export function readDurationMs(name: string, text = ""): number {
  const ms = DECIMAL.test(text) ? Number(text) * 1000 : tryParseDuration(text);
  const refusal = `cannot parse ${JSON.stringify(text)} to a valid duration`;
  if (ms === undefined) throw invalid(name, refusal);
  if (!(Math.abs(ms) / 1000 <= DURATION_SECONDS_MAX)) throw invalid(name, `${refusal}. It overflows int64`);
  return ms;
}

/** A whole number ≥ 0; undefined for an absent parameter and for 0, which mean no limit. */
export function readLimit(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const limit = readWhole(text);
  if (limit === undefined) {
    throw invalid(name, `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  if (limit < 0) throw invalid(name, "limit must be non-negative");
  return limit === 0 ? undefined : limit;
}

/** A whole number as Go reads one; undefined for what is none, or too large to be told apart. */
export function readWhole(text: string): number | undefined {
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

/** As many as are wanted of something, −1 for all: where it is absent, too. Throws in Prometheus's words. */
export function readNumber(name: string, text: string | undefined): number {
  const number = text === undefined ? -1 : readWhole(text);
  if (number === undefined) throw new BinnacleError("BAD_PARAMETER", `${name} must be a number`);
  return number;
}

/** A flag as Go reads it; the default where it is absent. */
export function readFlag(
  name: string,
  text: string | undefined,
  byDefault: boolean,
  failure = "unable to parse boolean",
): boolean {
  if (text === undefined || text === "") return byDefault;
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw invalid(name, `${failure}: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
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
