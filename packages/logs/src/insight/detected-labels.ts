/** Which labels streams have, and how many values, as a person picks from them. */
import type { Labels } from "@binnacle/model";

export interface DetectedLabel {
  readonly label: string;
  readonly cardinality: number;
}

/** Labels that are worth picking from whatever their values look like. */
const ALWAYS = new Set(["cluster", "namespace", "instance", "pod"]);
const UUID = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

/** Labels whose values are all identifiers are left out, as Loki leaves them. */
export function detectLabels(streams: readonly Labels[]): DetectedLabel[] {
  const values = new Map<string, Set<string>>();
  for (const stream of streams) {
    for (const [name, value] of stream.entries()) {
      const known = values.get(name);
      if (known === undefined) values.set(name, new Set([value]));
      else known.add(value);
    }
  }
  const detected: DetectedLabel[] = [];
  for (const [label, found] of values) {
    const isIds = [...found].every((value) => UUID.test(value) || NUMBER.test(value));
    if (ALWAYS.has(label) || !isIds) detected.push({ label, cardinality: found.size });
  }
  return detected.sort((a, b) => (a.label < b.label ? -1 : 1));
}
