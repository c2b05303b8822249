/**
 * Sorts series of the head as a block has them. Each text is ranked once, so that series are compared by
 * numbers: a million label sets as objects would take half a GB, and their texts be compared 20 million
 * times.
 */
import { compareText, METRIC_NAME } from "@binnacle/model";
import type { LabelTableReader } from "./label-table.ts";

/** Indices of the label sets at `addresses`, in the order of compareSeries (block/series-order.ts). */
export function sortedSeries(table: LabelTableReader, addresses: Uint32Array): Uint32Array {
  const texts = new Map<number, number>();
  const ends = new Uint32Array(addresses.length);
  let length = 0;
  for (let i = 0; i < addresses.length; i++) ends[i] = length += table.words(addresses[i]!).length - 1;
  // Ranks of name, value, …, where there are texts' numbers at first.
  const words = new Uint32Array(length);
  let at = 0;
  for (const address of addresses) {
    const set = table.words(address);
    for (let i = 1; i < set.length; i++) {
      let number = texts.get(set[i]!);
      if (number === undefined) texts.set(set[i]!, (number = texts.size));
      words[at++] = number;
    }
  }
  const ranked = Array.from(texts, ([address, number]) => ({ number, text: table.textOnce(address) }));
  ranked.sort((a, b) => compareText(a.text, b.text));
  const ranks = new Uint32Array(ranked.length);
  let metricName = -1;
  for (const [rank, { number, text }] of ranked.entries()) {
    ranks[number] = rank + 1;
    if (text === METRIC_NAME) metricName = rank + 1;
  }
  for (let i = 0; i < words.length; i++) words[i] = ranks[words[i]!]!;

  // The metric name's rank, 0 where there is none: the empty text is before all.
  const metrics = new Uint32Array(addresses.length);
  for (let i = 0, from = 0; i < addresses.length; from = ends[i++]!) {
    for (let w = from; w < ends[i]!; w += 2) if (words[w] === metricName) metrics[i] = words[w + 1]!;
  }
  const compare = (a: number, b: number): number => {
    if (metrics[a] !== metrics[b]) return metrics[a]! - metrics[b]!;
    let x = a === 0 ? 0 : ends[a - 1]!;
    let y = b === 0 ? 0 : ends[b - 1]!;
    for (; x < ends[a]! && y < ends[b]!; x++, y++) if (words[x] !== words[y]) return words[x]! - words[y]!;
    return ends[a]! - x - (ends[b]! - y);
  };
  return Uint32Array.from(addresses, (_, i) => i).sort(compare);
}
