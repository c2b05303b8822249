/**
 * Makes snapshots: looks up where the lines of a selection lie, and keeps the files until each is released.
 */
import type { LogSelection } from "@binnacle/model";
import type { Snapshot, SnapshotStream } from "../read/snapshot.ts";
import type { Head } from "./head.ts";
import { shownFrom, type Hidden } from "./hidden.ts";
import type { LivePart, PartSet } from "./part-set.ts";
import type { StreamCatalog, StreamEntry } from "./stream-catalog.ts";

export class Snapshots {
  readonly #catalog: StreamCatalog;
  readonly #parts: PartSet;
  readonly #open = new Map<number, readonly LivePart[]>();
  #lastId = 0;

  constructor(catalog: StreamCatalog, parts: PartSet) {
    this.#catalog = catalog;
    this.#parts = parts;
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** `heads` in order of arrival. Throws BAD_REGEXP. */
  take(selection: LogSelection, heads: readonly Head[], hidden: Hidden): Snapshot {
    const { endNs } = selection;
    const entries = this.#catalog.select(selection.matchers);
    const parts = this.#parts.live.filter(
      (part) => part.maxNs >= selection.startNs && part.index.minNs < endNs,
    );
    const ordinals = new Map(parts.map((part, ordinal) => [part, ordinal]));
    const usedHeads = heads.filter((head) => !head.isEmpty);
    const streams: SnapshotStream[] = [];
    for (const entry of entries) {
      const startNs = shownFrom(hidden, entry.labels, selection.startNs);
      const range = { startNs, endNs, hidden };
      const inParts = partPlaces(entry, ordinals, range);
      const sections = headPlaces(entry, usedHeads, range);
      if (inParts.length === 0 && sections.length === 0) continue;
      streams.push({ pairs: entry.labels.pairs, startNs, parts: inParts, sections });
    }
    const id = ++this.#lastId;
    this.#parts.pin(parts);
    this.#open.set(id, parts);
    return {
      id,
      endNs,
      arenas: usedHeads.flatMap((head) => head.arenas),
      arenaGenerations: Uint32Array.from(
        usedHeads.flatMap(({ arenas, generation }) => arenas.map(() => generation)),
      ),
      parts: parts.map((part) => part.path),
      partGenerations: Uint32Array.from(parts, (part) => part.lastGeneration),
      deletions: hidden.deletions.filter(
        (deletion) => deletion.startNs < endNs && deletion.endNs >= selection.startNs,
      ),
      streams,
    };
  }

  release(id: number): void {
    const parts = this.#open.get(id);
    if (parts === undefined) return;
    this.#open.delete(id);
    this.#parts.unpin(parts);
  }
}

interface ShownRange {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly hidden: Hidden;
}

function partPlaces(
  entry: StreamEntry,
  ordinals: ReadonlyMap<LivePart, number>,
  range: ShownRange,
): Uint32Array {
  const places: [number, number][] = [];
  for (const [part, position] of entry.inParts) {
    const ordinal = ordinals.get(part);
    if (ordinal !== undefined && showsInPart(entry, part, position, range)) places.push([ordinal, position]);
  }
  places.sort((a, b) => a[0] - b[0]);
  return Uint32Array.from(places.flat());
}

/** Whether the stream at a position of the part's index may have lines to show in a half-open range. */
export function showsInPart(
  { labels }: StreamEntry,
  part: LivePart,
  position: number,
  { startNs, endNs, hidden }: ShownRange,
): boolean {
  const { minNs, maxNs } = boundsOf(part, position);
  if (minNs >= endNs || maxNs < startNs) return false;
  return !hidden.filter.hidesAll(labels, { generation: part.lastGeneration, minNs, maxNs });
}

/** Runs of a stream come in the order of arrival, so that a later one may begin earlier. */
function boundsOf({ index: { runsOf, runs } }: LivePart, position: number): { minNs: bigint; maxNs: bigint } {
  const first = runsOf[position]!;
  let minNs = runs.minNs[first]!;
  let maxNs = runs.maxNs[first]!;
  for (let run = first + 1; run < runsOf[position + 1]!; run++) {
    if (runs.minNs[run]! < minNs) minNs = runs.minNs[run]!;
    if (runs.maxNs[run]! > maxNs) maxNs = runs.maxNs[run]!;
  }
  return { minNs, maxNs };
}

/** The same of a head. */
export function showsInHead(
  { labels }: StreamEntry,
  head: Head,
  { startNs, endNs, hidden }: ShownRange,
): boolean {
  const bounds = head.bounds(labels.key());
  if (bounds === undefined || bounds.minNs >= endNs || bounds.maxNs < startNs) return false;
  const { minNs, maxNs } = bounds;
  return !hidden.filter.hidesAll(labels, { generation: head.generation, minNs, maxNs });
}

function headPlaces(entry: StreamEntry, heads: readonly Head[], range: ShownRange): Uint32Array {
  if (entry.heads === 0) return new Uint32Array(0);
  const places: number[] = [];
  let firstArena = 0;
  for (const head of heads) {
    if (showsInHead(entry, head, range)) {
      const { sections } = head.stream(entry.labels.key())!;
      for (let i = 0; i < sections.length; i += 2) places.push(firstArena + sections[i]!, sections[i + 1]!);
    }
    firstArena += head.arenas.length;
  }
  return Uint32Array.from(places);
}
