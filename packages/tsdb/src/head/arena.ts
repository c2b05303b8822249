/**
 * Shared memory that only grows: segments of SharedArrayBuffer, given out from the front.
 *
 * One thread allocates and writes; others read what they are told of by message. Nothing is ever freed
 * singly: the whole arena goes when its last reader lets go of it, and its segments to the next. Pages of a
 * segment that nobody touched cost no memory.
 *
 *     address (for things smaller than a segment) = segment × ARENA_SEGMENT_BYTES / 8 + offset / 8
 */
import { ARENA_SEGMENT_BYTES } from "../limits.ts";
import { SegmentPool } from "./segment-pool.ts";

/** Words of 8 bytes in a segment: the unit of addresses. */
export const SEGMENT_UNITS: number = ARENA_SEGMENT_BYTES / 8;

export interface Allocation {
  readonly segment: number;
  /** In bytes; a multiple of 8. */
  readonly offset: number;
}

export class SharedArena {
  readonly segments: SharedArrayBuffer[] = [];
  /** Bytes given out: what readers may find something in. */
  bytesUsed = 0;
  readonly #pool: SegmentPool;
  #current = -1;
  #end = ARENA_SEGMENT_BYTES;

  /** Segments come from the pool. */
  constructor(pool: SegmentPool = new SegmentPool()) {
    this.#pool = pool;
  }

  /** A place for `bytes` bytes, all zero, aligned to 8. */
  allocate(bytes: number): Allocation {
    const size = (bytes + 7) & ~7;
    this.bytesUsed += size;
    if (size > ARENA_SEGMENT_BYTES) {
      this.segments.push(new SharedArrayBuffer(size));
      return { segment: this.segments.length - 1, offset: 0 };
    }
    if (this.#end + size > ARENA_SEGMENT_BYTES) {
      this.#current = this.segments.length;
      this.segments.push(this.#pool.take());
      this.#end = 0;
    }
    const offset = this.#end;
    this.#end += size;
    return { segment: this.#current, offset };
  }

  /** A place for bytes that fit in a segment, as one number that `locate` splits. */
  allocateUnit(bytes: number): number {
    const { segment, offset } = this.allocate(bytes);
    return segment * SEGMENT_UNITS + offset / 8;
  }
}

export function segmentOf(address: number): number {
  return Math.floor(address / SEGMENT_UNITS);
}

/** Byte offset within the segment. */
export function offsetOf(address: number): number {
  return (address % SEGMENT_UNITS) * 8;
}
