/**
 * A tile: up to 32 rows of one group in shared memory, column by column, so that a query reads a series in
 * one run.
 *
 *     ┌────────────────┬───────────────────────────┬────────────────────────────────────────┐
 *     │ f64 times × 32 │ u32 presence × capacity   │ f64 values × 32, for each column       │
 *     └────────────────┴───────────────────────────┴────────────────────────────────────────┘
 *
 * Bit r of a column's presence word says that row r has a value there; it is set after the value is written.
 */
import { TILE_ROWS } from "../limits.ts";
import type { SharedArena } from "./arena.ts";

/** What a reader needs to find a tile. */
export interface TileAddress {
  readonly segment: number;
  readonly offset: number;
  /** Columns it has room for. */
  readonly capacity: number;
}

export interface TileViews {
  readonly times: Float64Array<SharedArrayBuffer>;
  readonly presence: Int32Array<SharedArrayBuffer>;
  /** Two words a value. */
  readonly words: Uint32Array<SharedArrayBuffer>;
}

export function tileBytes(capacity: number): number {
  return TILE_ROWS * 8 + presenceBytes(capacity) + capacity * TILE_ROWS * 8;
}

export function viewTile(segment: SharedArrayBuffer, { offset, capacity }: TileAddress): TileViews {
  const presenceAt = offset + TILE_ROWS * 8;
  const wordsAt = presenceAt + presenceBytes(capacity);
  return {
    times: new Float64Array(segment, offset, TILE_ROWS),
    presence: new Int32Array(segment, presenceAt, capacity),
    words: new Uint32Array(segment, wordsAt, capacity * TILE_ROWS * 2),
  };
}

export class TileWriter {
  readonly address: TileAddress;
  readonly views: TileViews;
  rows = 0;

  constructor(arena: SharedArena, capacity: number) {
    const { segment, offset } = arena.allocate(tileBytes(capacity));
    this.address = { segment, offset, capacity };
    this.views = viewTile(arena.segments[segment]!, this.address);
  }

  get lastTimeMs(): number {
    return this.rows === 0 ? Number.NEGATIVE_INFINITY : this.views.times[this.rows - 1]!;
  }

  /** The row of a time, or −1. */
  findRow(timeMs: number): number {
    const { times } = this.views;
    for (let row = this.rows - 1; row >= 0 && times[row]! >= timeMs; row--)
      if (times[row] === timeMs) return row;
    return -1;
  }

  openRow(timeMs: number): number {
    this.views.times[this.rows] = timeMs;
    return this.rows++;
  }

  has(row: number, column: number): boolean {
    return ((this.views.presence[column]! >>> row) & 1) === 1;
  }
}

function presenceBytes(capacity: number): number {
  return (capacity * 4 + 7) & ~7;
}
