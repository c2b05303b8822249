/**
 * The rows of one sender in the head: columns are series, tiles hold the rows, times ascend strictly.
 *
 * A row that has few of the group's series would waste a row of every tile column, so it is not taken: its
 * samples go to the loose log. That is what happens to series that bring times of their own.
 */
import { TILE_ROWS } from "../limits.ts";
import type { SharedArena } from "./arena.ts";
import { TileWriter } from "./tile.ts";
import { U32List } from "./u32-list.ts";

/** A row must have at least one in so many of its group's series. */
const ROW_SPARSENESS_MAX = 8;

export class HeadGroup {
  readonly name: string;
  /** Slot of each column. */
  readonly columns = new U32List(16);
  readonly tiles: TileWriter[] = [];
  /** Columns of the slots of a row that comes again and again. */
  known: { readonly slots: Uint32Array; readonly columns: Int32Array } | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * The row in which samples of this time can stand, opened if need be; −1 when they must be loose.
   * `newcomers` is how many of them have no column yet; after this the group's newest tile has room for them.
   */
  rowFor(timeMs: number, options: { arena: SharedArena; samples: number; newcomers: number }): number {
    const { arena, samples, newcomers } = options;
    const columns = this.columns.length + newcomers;
    const tile = this.tiles.at(-1);
    if (tile !== undefined && timeMs <= tile.lastTimeMs) {
      return columns > tile.address.capacity ? -1 : tile.findRow(timeMs);
    }
    if (samples * ROW_SPARSENESS_MAX < columns) return -1;
    if (tile !== undefined && tile.rows < TILE_ROWS && columns <= tile.address.capacity)
      return tile.openRow(timeMs);
    // Room for a few newcomers, since each row that outgrows its tile leaves the rest of it unused.
    const grows = newcomers > 0 && tile !== undefined;
    const next = new TileWriter(arena, columns + (grows ? 8 + (columns >>> 3) : 0));
    this.tiles.push(next);
    return next.openRow(timeMs);
  }

  addColumn(slot: number): number {
    this.columns.push(slot);
    return this.columns.length - 1;
  }
}
