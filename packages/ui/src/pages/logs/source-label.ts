/** What to write beside each line, so that one sees whose it is. */
import type { LabelSet } from "../../labels/selector.ts";

/** The most telling first. */
const CANDIDATES: readonly string[] = [
  "pod",
  "container",
  "unit",
  "service_name",
  "app",
  "filename",
  "job",
  "instance",
];

/** The label that tells most of a line's source, in short; "" where none does. */
export function sourceOf(labels: LabelSet): string {
  const name = CANDIDATES.find((candidate) => (labels[candidate] ?? "") !== "");
  const value = name === undefined ? "" : labels[name]!;
  return name === "filename" ? value.slice(value.lastIndexOf("/") + 1) : value;
}

/** Whether lines come from more than one place: else a column of it would say nothing. */
export function hasSources(sets: readonly LabelSet[]): boolean {
  return new Set(sets.map(sourceOf)).size > 1;
}
