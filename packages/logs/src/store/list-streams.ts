/** Streams, label names and label values that have lines in a range. */
import { compareLabels, compareText, type Labels, type ListSelection } from "@binnacle/model";
import type { Head } from "./head.ts";
import { shownFrom, type Hidden } from "./hidden.ts";
import { showsInHead, showsInPart } from "./snapshots.ts";
import type { StreamCatalog, StreamEntry } from "./stream-catalog.ts";

/** In the order of compareLabels. Throws BAD_REGEXP. */
export function listStreams(
  catalog: StreamCatalog,
  heads: readonly Head[],
  selection: ListSelection,
  hidden: Hidden,
): Labels[] {
  const entries = select(catalog, heads, selection, hidden);
  return entries.map((entry) => entry.labels).slice(0, selection.limit);
}

export function listLabelNames(
  catalog: StreamCatalog,
  heads: readonly Head[],
  selection: ListSelection,
  hidden: Hidden,
): string[] {
  const names = new Set<string>();
  for (const { labels } of select(catalog, heads, selection, hidden)) {
    for (const [name] of labels.entries()) names.add(name);
  }
  return [...names].sort(compareText).slice(0, selection.limit);
}

export function listLabelValues(
  catalog: StreamCatalog,
  heads: readonly Head[],
  name: string,
  selection: ListSelection,
  hidden: Hidden,
): string[] {
  const values = new Set<string>();
  for (const { labels } of select(catalog, heads, selection, hidden)) {
    const value = labels.get(name);
    if (value !== "") values.add(value);
  }
  return [...values].sort(compareText).slice(0, selection.limit);
}

function select(
  catalog: StreamCatalog,
  heads: readonly Head[],
  { selectors, startMs, endMs }: ListSelection,
  hidden: Hidden,
): StreamEntry[] {
  const askedNs = toNs(startMs);
  // The selection's end is included, to the last nanosecond of its millisecond.
  const endNs = toNs(endMs) + 1_000_000n;
  const found = new Set<StreamEntry>();
  for (const matchers of selectors.length === 0 ? [[]] : selectors) {
    for (const entry of catalog.select(matchers)) {
      const range = { startNs: shownFrom(hidden, entry.labels, askedNs), endNs, hidden };
      if (isActive(entry, heads, range)) found.add(entry);
    }
  }
  return [...found].sort((a, b) => compareLabels(a.labels, b.labels));
}

function isActive(
  entry: StreamEntry,
  heads: readonly Head[],
  range: { startNs: bigint; endNs: bigint; hidden: Hidden },
): boolean {
  for (const [part, position] of entry.inParts) if (showsInPart(entry, part, position, range)) return true;
  return entry.heads > 0 && heads.some((head) => showsInHead(entry, head, range));
}

/** Far ends of a range may lie past what an i64 of nanoseconds holds. */
function toNs(ms: number): bigint {
  const bound = 9_223_372_036_853;
  return BigInt(Math.floor(Math.max(-bound, Math.min(bound, ms)))) * 1_000_000n;
}
