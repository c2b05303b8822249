/**
 * Segments of shared memory that one generation of the head hands on to the next. Left to the collector they
 * would stand beside it: a whole collection comes once in tens of seconds, and a reader that is idle holds
 * what it last read for as long.
 */
import { ARENA_SEGMENT_BYTES } from "../limits.ts";

export class SegmentPool {
  readonly #free: SharedArrayBuffer[] = [];

  /** A segment of zeros. */
  take(): SharedArrayBuffer {
    const segment = this.#free.pop();
    if (segment === undefined) return new SharedArrayBuffer(ARENA_SEGMENT_BYTES);
    new Uint8Array(segment).fill(0);
    return segment;
  }

  /**
   * Takes back a generation's, which nobody reads or writes any more. What is kept is as much as it had, no
   * more, so that memory follows what is written; segments of other sizes are left to the collector.
   */
  give(segments: readonly SharedArrayBuffer[]): void {
    const ordinary = segments.filter(({ byteLength }) => byteLength === ARENA_SEGMENT_BYTES);
    this.#free.push(...ordinary.slice(0, Math.max(0, ordinary.length - this.#free.length)));
    this.#free.length = Math.min(this.#free.length, ordinary.length);
  }
}
