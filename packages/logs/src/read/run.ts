/**
 * A run: lines of one stream that lie together and ascend in time, with bounds known before it is read.
 * Runs of a stream may overlap in time (late lines do that); `merge-runs.ts` puts them in one order.
 */
import type {
  Labels,
  LineMetadata,
  LinePattern,
  LineTicks,
  LogBlock,
  LogLines,
  SortedOut,
} from "@binnacle/model";
import { needleOf, type Needle } from "../part/needle.ts";

/** Columns that are unpacked only when asked for: a count needs no text. */
export interface RunColumns {
  readonly timesNs: BigInt64Array;
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  readonly metadata: readonly (LineMetadata | undefined)[] | undefined;
  /** As LogBlock has them; where they are missing, the text is at hand anyway. */
  readonly textBytes?: number;
  /** As many as timesNs has, where that is known without unpacking it. */
  readonly lineCount?: number;
  /** The times of the first and of the last line, where they are known without unpacking timesNs. */
  readonly bounds?: { readonly minNs: bigint; readonly maxNs: bigint };
  /** As LogBlock has them. */
  readonly ticks?: LineTicks;
  readonly lengths?: Uint32Array;
  find?(needle: Needle): Uint32Array | undefined;
  sortOut?(pattern: LinePattern, rows?: Uint32Array): SortedOut | undefined;
  read?(rows: Uint32Array): LogLines;
}

export interface Run {
  readonly minNs: bigint;
  readonly maxNs: bigint;
  /** Lines at the same time come in ascending order of this. */
  readonly sequence: number;
  /** False where it is known that no line of it is wanted: then it need not be opened. */
  hasWanted?(): boolean;
  open(): RunColumns;
}

export function countLines(columns: RunColumns): number {
  return columns.lineCount ?? columns.timesNs.length;
}

/** Lines [from, to) of a run as a block. */
export class RunSlice implements LogBlock {
  readonly labels: Labels;
  readonly lineCount: number;
  readonly #columns: RunColumns;
  readonly #from: number;
  readonly #to: number;

  constructor(labels: Labels, columns: RunColumns, from: number, to: number) {
    this.labels = labels;
    this.lineCount = to - from;
    this.#columns = columns;
    this.#from = from;
    this.#to = to;
  }

  get timesNs(): BigInt64Array {
    return this.#columns.timesNs.subarray(this.#from, this.#to);
  }

  get ticks(): LineTicks | undefined {
    const { ticks } = this.#columns;
    return ticks && { ...ticks, values: ticks.values.subarray(this.#from, this.#to) };
  }

  get lengths(): Uint32Array | undefined {
    return this.#columns.lengths?.subarray(this.#from, this.#to);
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

  get textBytes(): number {
    const { textBytes } = this.#columns;
    if (textBytes !== undefined) return Math.round((textBytes / countLines(this.#columns)) * this.lineCount);
    const { offsets } = this.#columns;
    return offsets[this.#to]! - offsets[this.#from]!;
  }

  find(literal: Uint8Array): Uint32Array | undefined {
    const rows = this.#columns.find?.(needleOf(literal));
    if (rows === undefined) return undefined;
    const found = rows.subarray(lowerRow(rows, this.#from), lowerRow(rows, this.#to));
    return this.#from === 0 ? found : found.map((row) => row - this.#from);
  }

  sortOut(pattern: LinePattern, lines?: Uint32Array): SortedOut | undefined {
    const columns = this.#columns;
    const from = this.#from;
    const isWhole = from === 0 && this.#to === countLines(columns);
    if (isWhole) return columns.sortOut?.(pattern, lines);
    const rows =
      lines?.map((line) => line + from) ?? Uint32Array.from({ length: this.lineCount }, (_, i) => from + i);
    const sorted = columns.sortOut?.(pattern, rows);
    if (sorted === undefined || from === 0) return sorted;
    const { certain, open } = sorted;
    return { certain: certain.map((row) => row - from), open: open.map((row) => row - from) };
  }

  read(rows: Uint32Array): LogLines {
    if (this.#columns.read !== undefined) {
      return this.#columns.read(this.#from === 0 ? rows : rows.map((row) => row + this.#from));
    }
    return pickLines(this, rows);
  }
}

/** Copies some lines. */
export function pickLines({ bytes, offsets: places }: LogLines, rows: Uint32Array): LogLines {
  const offsets = new Uint32Array(rows.length + 1);
  for (let k = 0; k < rows.length; k++)
    offsets[k + 1] = offsets[k]! + places[rows[k]! + 1]! - places[rows[k]!]!;
  const picked = new Uint8Array(offsets[rows.length]!);
  for (let k = 0; k < rows.length; k++) {
    picked.set(bytes.subarray(places[rows[k]!], places[rows[k]! + 1]), offsets[k]);
  }
  return { bytes: picked, offsets };
}

/** The first index of ascending rows that is not before `row`. */
export function lowerRow(rows: Uint32Array | Uint16Array, row: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return low;
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
