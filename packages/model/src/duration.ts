/** Prometheus's durations: `1h30m`, units y w d h m s ms, longest first, each at most once. */
import { BinnacleError } from "./errors.ts";

const UNITS: readonly (readonly [string, number])[] = [
  ["y", 365 * 86_400_000],
  ["w", 7 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

const PATTERN = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

/**
 * Milliseconds of a duration, or undefined where the text is none. "0" is the one duration without a unit.
 */
export function tryParseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (text === "") return undefined;
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  let ms = 0;
  for (let i = 0; i < UNITS.length; i++) ms += Number(match[i + 1] ?? 0) * UNITS[i]![1];
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** Milliseconds of a duration. Throws BAD_PARAMETER with the text. */
export function parseDuration(text: string): number {
  const ms = tryParseDuration(text);
  if (ms === undefined) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      `not a valid duration: ${JSON.stringify(text)} (expected for example 30s, 5m or 1h30m)`,
    );
  }
  return ms;
}

/**
 * The text Prometheus prints for a duration of whole milliseconds: `1h30m`; weeks and years only when exact.
 */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < 0) return `-${formatDuration(-ms)}`;
  let rest = ms;
  let text = "";
  for (const [unit, size] of UNITS) {
    const mustBeExact = unit === "y" || unit === "w" || unit === "d";
    if (mustBeExact && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
