/** Numbers, durations and sizes as they stand in labels. Each gives undefined for what is none. */
import { sizeBytes } from "../parser/literals.ts";

export function parseGoFloat(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^[+-]?0[xX][0-9a-fA-F]+$/.test(text)) {
    const digits = Number(text.replace(/^[+-]/, ""));
    return text.startsWith("-") ? -digits : digits;
  }
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (word === null) return undefined;
  if (word[2]!.toLowerCase() === "nan") return Number.NaN;
  return word[1] === "-" ? -Infinity : Infinity;
}

const NANOSECONDS_OF: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Seconds of a duration of Go: units ns to h, with a sign and fractions. Whole nanoseconds are exact. */
export function parseGoDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!/^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined;
  let ns = 0;
  for (const [, count, unit] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    ns += Number(count) * NANOSECONDS_OF[unit!]!;
  }
  // Divided apart, so that 9ms is 0.009 and not what 9 thousandths add up to.
  const seconds = Math.floor(ns / 1e9) + (ns % 1e9) / 1e9;
  return text.startsWith("-") ? -seconds : seconds;
}

export function parseGoSize(text: string): number | undefined {
  return sizeBytes(text.trim().replaceAll(",", ""));
}
