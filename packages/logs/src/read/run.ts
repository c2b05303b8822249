/**
 * A run: lines of one stream that lie together and ascend in time, with bounds known before it is read. Runs
 * of a stream may overlap in time (late lines do that); `merge-runs.ts` puts them in one order.
 */
import type { Labels, LineMetadata, LogBlock } from "@binnacle/model";

/** Columns that are unpacked only when asked for: a count needs no text. */
export interface RunColumns {
  readonly timesNs: BigInt64Array;
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  readonly metadata: readonly (LineMetadata | undefined)[] | undefined;
}

export interface Run {
  readonly minNs: bigint;
  readonly maxNs: bigint;
  /** Lines at the same time come in ascending order of this. */
  readonly sequence: number;
  open(): RunColumns;
}

/** Lines [from, to) of a run as a block. */
export class RunSlice implements LogBlock {
  readonly labels: Labels;
  readonly timesNs: BigInt64Array;
  readonly #columns: RunColumns;
  readonly #from: number;
  readonly #to: number;

  constructor(labels: Labels, columns: RunColumns, from: number, to: number) {
    this.labels = labels;
    this.timesNs = columns.timesNs.subarray(from, to);
    this.#columns = columns;
    this.#from = from;
    this.#to = to;
  }

  get bytes(): Uint8Array {
    return this.#columns.bytes;
  }

  get offsets(): Uint32Array {
    return this.#columns.offsets.subarray(this.#from, this.#to + 1);
  }

  get metadata(): readonly (LineMetadata | undefined)[] | undefined {
    return this.#columns.metadata?.slice(this.#from, this.#to);
  }
}

/** The first index of an ascending column whose time is not before `timeNs`. */
export function lowerBound(timesNs: BigInt64Array, timeNs: bigint): number {
  let low = 0;
  let high = timesNs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesNs[middle]! < timeNs) low = middle + 1;
    else high = middle;
  }
  return low;
}
