/** Durations as Prometheus writes them: 1h30m, 15s, 250ms. In the page they are milliseconds. */
const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["y", 365 * 86_400_000],
  ["w", 7 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

const PART = /(\d+)(ms|[ywdhms])/y;

/** Milliseconds, or undefined where the text is no duration. Units must descend and none may repeat. */
export function parseDuration(text: string): number | undefined {
  let totalMs = 0;
  let unitBefore = -1;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (match === null) return undefined;
    const unit = UNITS.findIndex(([name]) => name === match[2]);
    if (unit <= unitBefore) return undefined;
    unitBefore = unit;
    totalMs += Number(match[1]) * UNITS[unit]![1];
  }
  return text === "" || !Number.isSafeInteger(totalMs) ? undefined : totalMs;
}

/** The shortest exact text; weeks and years are written as days, which read better in a range. */
export function formatDuration(durationMs: number): string {
  let rest = Math.max(0, Math.round(durationMs));
  if (rest === 0) return "0s";
  let text = "";
  for (const [name, ms] of UNITS.slice(2)) {
    const count = Math.floor(rest / ms);
    if (count > 0) text += `${count}${name}`;
    rest -= count * ms;
  }
  return text;
}

/** For reading, not for parsing back: at most two units, as in "3d 4h" or "12.5 s". */
export function describeDuration(durationMs: number): string {
  if (durationMs < 1) return `${Math.round(durationMs * 1000)} µs`;
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${Number((durationMs / 1000).toFixed(durationMs < 10_000 ? 1 : 0))} s`;
  const units = UNITS.slice(2, 6);
  const at = units.findIndex(([, ms]) => durationMs >= ms);
  const [name, ms] = units[at]!;
  const count = Math.floor(durationMs / ms);
  const next = units[at + 1];
  if (next === undefined) return `${count}${name}`;
  const nextCount = Math.floor((durationMs - count * ms) / next[1]);
  return nextCount === 0 ? `${count}${name}` : `${count}${name} ${nextCount}${next[0]}`;
}
