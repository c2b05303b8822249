/**
 * Makes snapshots: looks up where the lines of a selection lie, and keeps the files until each is released.
 */
import type { LogSelection } from "@binnacle/model";
import type { Snapshot, SnapshotStream } from "../read/snapshot.ts";
import type { Head } from "./head.ts";
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
  take(selection: LogSelection, heads: readonly Head[], oldestNs: bigint | undefined): Snapshot {
    const { endNs } = selection;
    const startNs = oldestNs !== undefined && oldestNs > selection.startNs ? oldestNs : selection.startNs;
    const entries = this.#catalog.select(selection.matchers);
    const parts = this.#parts.live.filter((part) => part.maxNs >= startNs && part.index.minNs < endNs);
    const ordinals = new Map(parts.map((part, ordinal) => [part, ordinal]));
    const usedHeads = heads.filter((head) => !head.isEmpty);
    const streams: SnapshotStream[] = [];
    for (const entry of entries) {
      const inParts = partPlaces(entry, ordinals, startNs, endNs);
      const sections = headPlaces(entry, usedHeads, startNs, endNs);
      if (inParts.length === 0 && sections.length === 0) continue;
      streams.push({ pairs: entry.labels.pairs, parts: inParts, sections });
    }
    const id = ++this.#lastId;
    this.#parts.pin(parts);
    this.#open.set(id, parts);
    const arenas = usedHeads.flatMap((head) => head.arenas);
    return { id, startNs, endNs, arenas, parts: parts.map((part) => part.path), streams };
  }

  release(id: number): void {
    const parts = this.#open.get(id);
    if (parts === undefined) return;
    this.#open.delete(id);
    this.#parts.unpin(parts);
  }
}

function partPlaces(
  entry: StreamEntry,
  ordinals: ReadonlyMap<LivePart, number>,
  startNs: bigint,
  endNs: bigint,
): Uint32Array {
  const places: [number, number][] = [];
  for (const [part, position] of entry.inParts) {
    const ordinal = ordinals.get(part);
    if (ordinal !== undefined && streamOverlaps(part, position, startNs, endNs))
      places.push([ordinal, position]);
  }
  places.sort((a, b) => a[0] - b[0]);
  return Uint32Array.from(places.flat());
}

/** Whether the stream at a position of the part's index may have lines in a half-open range. */
export function streamOverlaps(part: LivePart, position: number, startNs: bigint, endNs: bigint): boolean {
  const { runsOf, runs } = part.index;
  const first = runsOf[position]!;
  const last = runsOf[position + 1]! - 1;
  return runs.minNs[first]! < endNs && runs.maxNs[last]! >= startNs;
}

function headPlaces(entry: StreamEntry, heads: readonly Head[], startNs: bigint, endNs: bigint): Uint32Array {
  if (entry.heads === 0) return new Uint32Array(0);
  const places: number[] = [];
  let firstArena = 0;
  for (const head of heads) {
    const stream = head.stream(entry.labels.key());
    if (stream !== undefined && stream.minNs < endNs && stream.maxNs >= startNs) {
      const { sections } = stream;
      for (let i = 0; i < sections.length; i += 2) places.push(firstArena + sections[i]!, sections[i + 1]!);
    }
    firstArena += head.arenas.length;
  }
  return Uint32Array.from(places);
}
