/**
 * Which names, labels and pairs make up the head's series: what a person asks when there are too many of
 * them.
 */
import { METRIC_NAME } from "@binnacle/model";
import type { SeriesRegistry } from "./head/series-registry.ts";

export interface CountedName {
  readonly name: string;
  readonly count: number;
}

/** The largest of each, descending. */
export interface Cardinality {
  readonly seriesCount: number;
  readonly labelPairCount: number;
  readonly seriesByMetric: readonly CountedName[];
  readonly valuesByLabel: readonly CountedName[];
  /** UTF-8 bytes of the values of a label, each as often as a series has it. */
  readonly bytesByLabel: readonly CountedName[];
  /** Names are written `label=value`. */
  readonly seriesByPair: readonly CountedName[];
}

export function cardinalityOf(registry: SeriesRegistry, limit: number): Cardinality {
  const { labelTable, postings } = registry;
  const seriesByMetric: CountedName[] = [];
  const valuesByLabel: CountedName[] = [];
  const bytesByLabel: CountedName[] = [];
  const seriesByPair: CountedName[] = [];
  let labelPairCount = 0;
  for (const [nameAddress, values] of postings) {
    const name = labelTable.text(nameAddress);
    let bytes = 0;
    for (const [valueAddress, slots] of values) {
      const value = labelTable.text(valueAddress);
      bytes += Buffer.byteLength(value) * slots.length;
      if (name === METRIC_NAME) seriesByMetric.push({ name: value, count: slots.length });
      seriesByPair.push({ name: `${name}=${value}`, count: slots.length });
    }
    labelPairCount += values.size;
    valuesByLabel.push({ name, count: values.size });
    bytesByLabel.push({ name, count: bytes });
  }
  const top = (names: CountedName[]): CountedName[] =>
    names.sort((a, b) => b.count - a.count).slice(0, limit);
  return {
    seriesCount: registry.seriesCount,
    labelPairCount,
    seriesByMetric: top(seriesByMetric),
    valuesByLabel: top(valuesByLabel),
    bytesByLabel: top(bytesByLabel),
    seriesByPair: top(seriesByPair),
  };
}
