/** Labels along the axes. */
import { formatClock, formatDate } from "../time/format.ts";
import { formatValue, type Unit } from "./units.ts";

const DAY_S = 86_400;

/**
 * Times at the ticks, as exact as their distance asks for; the date stands under the first tick of each day.
 */
export function timeTicks(splits: readonly number[], incrementS: number): string[] {
  let dayBefore = "";
  return splits.map((seconds) => {
    const day = formatDate(seconds * 1000).slice(5);
    if (incrementS >= DAY_S) return day;
    const clock = formatClock(seconds * 1000);
    const text = incrementS >= 60 ? clock.slice(0, 5) : clock;
    const isNewDay = dayBefore !== "" && day !== dayBefore;
    dayBefore = day;
    return isNewDay ? `${text}\n${day}` : text;
  });
}

/** Values at the ticks. Two ticks must not read alike, so decimals grow until they differ. */
export function valueTicks(splits: readonly number[], unit: Unit): string[] {
  const texts = splits.map((value) => formatValue(value, unit));
  if (new Set(texts).size === texts.length) return texts;
  const step = splits.length < 2 ? 1 : Math.abs(splits[1]! - splits[0]!);
  const decimals = Math.min(12, Math.max(0, Math.ceil(-Math.log10(step))));
  return splits.map((value) => (unit === "number" ? value.toFixed(decimals) : formatValue(value, unit)));
}

/**
 * Ticks for bytes fall on powers of two, else the labels would read 0.93 GiB. Returns increments to choose
 * from, or undefined where the decimal ones are right.
 */
export function tickIncrements(unit: Unit): number[] | undefined {
  if (unit !== "bytes" && unit !== "bytes/s") return undefined;
  const increments: number[] = [];
  for (let power = 0; power <= 60; power++) increments.push(2 ** power);
  return increments;
}
