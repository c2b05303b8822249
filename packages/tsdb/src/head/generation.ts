/**
 * One generation of the head: what arrived between two seals, in shared memory of its own. The newest takes
 * samples; an older one is being sealed, or pinned by a query, and vanishes whole.
 */
import type { HeadSnapshot } from "../read/snapshot.ts";
import { SharedArena } from "./arena.ts";
import { HeadGroup } from "./head-group.ts";
import {
  LOOSE_FLOAT,
  LOOSE_HISTOGRAM,
  LOOSE_START,
  LooseLog,
  type LooseRecord,
  readLooseChain,
} from "./loose-log.ts";
import type { SegmentPool } from "./segment-pool.ts";
import type { SeriesRegistry } from "./series-registry.ts";
import type { TileWriter } from "./tile.ts";
import { grownF64, grownU32, U32List } from "./u32-list.ts";
import { TILE_ROWS } from "../limits.ts";

/** Samples of one time, already checked: every slot is known and has nothing at this time yet. */
export interface PlacedRow {
  readonly group: string;
  readonly timeMs: number;
  readonly count: number;
  readonly slots: Uint32Array;
  /** Two words a value, parallel to `slots`. */
  readonly words: Uint32Array;
  readonly startTimes: Float64Array | undefined;
  /** Whether `slots` stays as it is for good, and the same array comes again for the same series. */
  readonly isKnown: boolean;
}

interface ColumnPlace {
  readonly group: number;
  readonly column: number;
}

export class HeadGeneration {
  /** Also the number of its journal. */
  readonly id: number;
  readonly openedMs: number;
  readonly arena: SharedArena;
  readonly groups: HeadGroup[] = [];
  readonly #groupIds = new Map<string, number>();
  readonly #loose: LooseLog;
  /** Slots that have a sample here, in order of their first. */
  readonly slots = new U32List(64);
  /** Group + 1 of each slot; 0 where it stands in none. */
  #groupOf = new Uint32Array(1024);
  #columnOf = new Uint32Array(1024);
  #chainOf = new Uint32Array(1024);
  #startOf: Float64Array<ArrayBuffer> | undefined;
  /** Columns of series that came in more than one group: all but the first. */
  readonly #further = new Map<number, ColumnPlace[]>();
  samples = 0;
  minTimeMs = Number.POSITIVE_INFINITY;
  maxTimeMs = Number.NEGATIVE_INFINITY;
  #columnScratch = new Int32Array(1024);

  constructor(id: number, openedMs: number, segments?: SegmentPool) {
    this.id = id;
    this.openedMs = openedMs;
    this.arena = new SharedArena(segments);
    this.#loose = new LooseLog(this.arena);
  }

  get bytes(): number {
    return this.arena.bytesUsed;
  }

  has(slot: number): boolean {
    return slot < this.#groupOf.length && (this.#groupOf[slot] !== 0 || this.#chainOf[slot] !== 0);
  }

  /** Puts a row of floats where it belongs: into its group's tile, or loose. */
  place(row: PlacedRow): void {
    const { count, slots, timeMs } = row;
    if (count === 0) return;
    const groupId = this.#groupId(row.group);
    const group = this.groups[groupId]!;
    const known = group.known?.slots === slots ? group.known.columns : undefined;
    if (this.#columnScratch.length < count) this.#columnScratch = new Int32Array(count * 2);
    const columns = known ?? this.#columnScratch;
    const newcomers = known === undefined ? this.#findColumns(row, groupId, columns) : 0;
    const newestMs = group.tiles.at(-1)?.lastTimeMs ?? Number.NEGATIVE_INFINITY;
    const at = group.rowFor(timeMs, { arena: this.arena, samples: count, newcomers });
    if (at < 0) {
      for (let i = 0; i < count; i++) {
        const start = row.startTimes === undefined ? 0 : row.startTimes[i]!;
        this.placeLoose(slots[i]!, timeMs, row.words[2 * i]!, row.words[2 * i + 1]!, start);
      }
      return;
    }
    const tile = group.tiles.at(-1);
    if (newcomers > 0) {
      for (let i = 0; i < count; i++) {
        if (columns[i]! < 0) columns[i] = this.#addColumn(slots[i]!, groupId);
      }
    }
    if (row.isKnown && known === undefined) group.known = { slots, columns: columns.slice(0, count) };
    this.#writeRow(tile, { at, isNew: timeMs > newestMs }, row, columns);
    if (row.startTimes !== undefined || this.#startOf !== undefined) this.#noteStarts(row);
    this.#note(timeMs, count);
  }

  /** Adds one float sample that stands in no row. */
  placeLoose(slot: number, timeMs: number, low: number, high: number, startMs: number): void {
    this.#chain(slot, { kind: LOOSE_FLOAT, timeMs, low, high, startMs });
    this.#note(timeMs, 1);
  }

  placeHistogram(slot: number, timeMs: number, encoded: Uint8Array, startMs: number): void {
    const { segment, offset } = this.#loose.storeBytes(encoded);
    this.#chain(slot, { kind: LOOSE_HISTOGRAM, timeMs, low: segment, high: offset, startMs });
    this.#note(timeMs, 1);
  }

  /** The sample of a series at exactly this time: two words, a loose record, or undefined. */
  find(slot: number, timeMs: number): LooseRecord | undefined {
    if (!this.has(slot)) return undefined;
    for (const place of this.#places(slot)) {
      for (const tile of this.groups[place.group]!.tiles) {
        if (tile.lastTimeMs < timeMs || place.column >= tile.address.capacity) continue;
        const row = tile.findRow(timeMs);
        if (row < 0 || !tile.has(row, place.column)) continue;
        const word = (place.column * TILE_ROWS + row) * 2;
        const { words } = tile.views;
        return { kind: LOOSE_FLOAT, timeMs, low: words[word]!, high: words[word + 1]!, startMs: 0 };
      }
    }
    for (const record of readLooseChain(this.arena.segments, this.#loose.chunks, this.#chainOf[slot]!)) {
      if (record.timeMs === timeMs && record.kind !== LOOSE_START) return record;
    }
    return undefined;
  }

  /**
   * What a reader of these series needs; linear in their number. `slots` may name some that have nothing
   * here.
   */
  snapshot(slots: Iterable<number>, registry: SeriesRegistry, segmentsKnown = 0): HeadSnapshot {
    const addresses = new U32List(1024);
    const placeEnds = new U32List(1024);
    const places = new U32List(1024);
    const chains = new U32List(1024);
    const groupsUsed = new Map<number, number>();
    for (const slot of slots) {
      if (!this.has(slot)) continue;
      addresses.push(registry.addressOf(slot));
      chains.push(this.#chainOf[slot]!);
      for (const { group, column } of this.#places(slot)) {
        let used = groupsUsed.get(group);
        if (used === undefined) groupsUsed.set(group, (used = groupsUsed.size));
        places.push(used);
        places.push(column);
      }
      placeEnds.push(places.length);
    }
    const tiles: Uint32Array[] = [];
    for (const id of groupsUsed.keys()) tiles.push(describeTiles(this.groups[id]!.tiles));
    return {
      generation: this.id,
      segmentsFrom: segmentsKnown,
      segments: this.arena.segments.slice(segmentsKnown),
      addresses: addresses.view(),
      placeEnds: placeEnds.view(),
      places: places.view(),
      chains: chains.view(),
      groups: tiles,
      looseChunks: Uint32Array.from(this.#loose.chunks),
      minTimeMs: this.minTimeMs,
      maxTimeMs: this.maxTimeMs,
    };
  }

  *#places(slot: number): IterableIterator<ColumnPlace> {
    const group = this.#groupOf[slot]!;
    if (group === 0) return;
    yield { group: group - 1, column: this.#columnOf[slot]! };
    const further = this.#further.get(slot);
    if (further !== undefined) yield* further;
  }

  /** Columns of the row's slots, −1 for those that have none; answers how many these are. */
  #findColumns({ count, slots }: PlacedRow, groupId: number, columns: Int32Array): number {
    let newcomers = 0;
    for (let i = 0; i < count; i++) {
      const column = this.#findColumn(slots[i]!, groupId);
      columns[i] = column;
      if (column < 0) newcomers++;
    }
    return newcomers;
  }

  #writeRow(
    tile: TileWriter,
    { at, isNew }: { at: number; isNew: boolean },
    row: PlacedRow,
    columns: Int32Array,
  ): void {
    const { words: target, presence } = tile.views;
    const { count, words } = row;
    const bit = 1 << at;
    for (let i = 0; i < count; i++) {
      const column = columns[i]!;
      const word = (column * TILE_ROWS + at) * 2;
      target[word] = words[2 * i]!;
      target[word + 1] = words[2 * i + 1]!;
      // Readers know of a new row once it is whole; what joins an older one they may see at once.
      if (isNew) presence[column]! |= bit;
      else Atomics.or(presence, column, bit);
    }
  }

  /** Start times of samples in rows are kept as changes, since most never change. */
  #noteStarts(row: PlacedRow): void {
    let known = (this.#startOf ??= new Float64Array(this.#groupOf.length));
    for (let i = 0; i < row.count; i++) {
      const slot = row.slots[i]!;
      const start = row.startTimes === undefined ? 0 : row.startTimes[i]!;
      if (slot >= known.length) this.#startOf = known = grownF64(known, this.#groupOf.length);
      if (known[slot] === start) continue;
      known[slot] = start;
      this.#chain(slot, { kind: LOOSE_START, timeMs: row.timeMs, low: 0, high: 0, startMs: start });
    }
  }

  #chain(slot: number, record: LooseRecord): void {
    this.#enter(slot);
    this.#chainOf[slot] = this.#loose.append({ ...record, previous: this.#chainOf[slot]! });
  }

  #findColumn(slot: number, groupId: number): number {
    if (slot >= this.#groupOf.length) return -1;
    if (this.#groupOf[slot] === groupId + 1) return this.#columnOf[slot]!;
    if (this.#groupOf[slot] === 0 || this.#further.size === 0) return -1;
    return this.#further.get(slot)?.find((place) => place.group === groupId)?.column ?? -1;
  }

  #addColumn(slot: number, groupId: number): number {
    const column = this.groups[groupId]!.addColumn(slot);
    this.#enter(slot);
    if (this.#groupOf[slot] === 0) {
      this.#groupOf[slot] = groupId + 1;
      this.#columnOf[slot] = column;
    } else {
      const further = this.#further.get(slot) ?? [];
      further.push({ group: groupId, column });
      this.#further.set(slot, further);
    }
    return column;
  }

  #enter(slot: number): void {
    if (slot >= this.#groupOf.length) {
      this.#groupOf = grownU32(this.#groupOf, slot + 1);
      this.#columnOf = grownU32(this.#columnOf, slot + 1);
      this.#chainOf = grownU32(this.#chainOf, slot + 1);
    }
    if (!this.has(slot)) this.slots.push(slot);
  }

  #groupId(name: string): number {
    let id = this.#groupIds.get(name);
    if (id === undefined) {
      id = this.groups.length;
      this.groups.push(new HeadGroup(name));
      this.#groupIds.set(name, id);
    }
    return id;
  }

  #note(timeMs: number, count: number): void {
    this.samples += count;
    if (timeMs < this.minTimeMs) this.minTimeMs = timeMs;
    if (timeMs > this.maxTimeMs) this.maxTimeMs = timeMs;
  }
}

/** segment, offset, capacity, rows of each tile: as they stand now, so that a reader sees whole rows only. */
function describeTiles(tiles: readonly TileWriter[]): Uint32Array {
  const words = new Uint32Array(tiles.length * 4);
  for (let i = 0; i < tiles.length; i++) {
    const { address, rows } = tiles[i]!;
    words.set([address.segment, address.offset, address.capacity, rows], i * 4);
  }
  return words;
}
