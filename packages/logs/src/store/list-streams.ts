/** Streams, label names and label values that have lines in a range. */
import { compareLabels, compareText, type Labels, type ListSelection } from "@binnacle/model";
import type { Head } from "./head.ts";
import { streamOverlaps } from "./snapshots.ts";
import type { StreamCatalog, StreamEntry } from "./stream-catalog.ts";

/** In the order of compareLabels. Throws BAD_REGEXP. */
export function listStreams(
  catalog: StreamCatalog,
  heads: readonly Head[],
  selection: ListSelection,
  oldestNs: bigint | undefined,
): Labels[] {
  const entries = select(catalog, heads, selection, oldestNs);
  return entries.map((entry) => entry.labels).slice(0, selection.limit);
}

export function listLabelNames(
  catalog: StreamCatalog,
  heads: readonly Head[],
  selection: ListSelection,
  oldestNs: bigint | undefined,
): string[] {
  const names = new Set<string>();
  for (const { labels } of select(catalog, heads, selection, oldestNs)) {
    for (const [name] of labels.entries()) names.add(name);
  }
  return [...names].sort(compareText).slice(0, selection.limit);
}

export function listLabelValues(
  catalog: StreamCatalog,
  heads: readonly Head[],
  name: string,
  selection: ListSelection,
  oldestNs: bigint | undefined,
): string[] {
  const values = new Set<string>();
  for (const { labels } of select(catalog, heads, selection, oldestNs)) {
    const value = labels.get(name);
    if (value !== "") values.add(value);
  }
  return [...values].sort(compareText).slice(0, selection.limit);
}

function select(
  catalog: StreamCatalog,
  heads: readonly Head[],
  { selectors, startMs, endMs }: ListSelection,
  oldestNs: bigint | undefined,
): StreamEntry[] {
  const askedNs = toNs(startMs);
  const startNs = oldestNs !== undefined && oldestNs > askedNs ? oldestNs : askedNs;
  // The selection's end is included, to the last nanosecond of its millisecond.
  const endNs = toNs(endMs) + 1_000_000n;
  const found = new Set<StreamEntry>();
  for (const matchers of selectors.length === 0 ? [[]] : selectors) {
    for (const entry of catalog.select(matchers)) {
      if (isActive(entry, heads, startNs, endNs)) found.add(entry);
    }
  }
  return [...found].sort((a, b) => compareLabels(a.labels, b.labels));
}

function isActive(entry: StreamEntry, heads: readonly Head[], startNs: bigint, endNs: bigint): boolean {
  for (const [part, position] of entry.inParts) {
    if (streamOverlaps(part, position, startNs, endNs)) return true;
  }
  if (entry.heads === 0) return false;
  return heads.some((head) => {
    const bounds = head.bounds(entry.labels.key());
    return bounds !== undefined && bounds.minNs < endNs && bounds.maxNs >= startNs;
  });
}

/** Far ends of a range may lie past what an i64 of nanoseconds holds. */
function toNs(ms: number): bigint {
  const bound = 9_223_372_036_853;
  return BigInt(Math.floor(Math.max(-bound, Math.min(bound, ms)))) * 1_000_000n;
}
