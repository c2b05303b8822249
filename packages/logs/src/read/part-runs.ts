/**
 * Runs of a stream in a part; unpacked blocks are kept for the next stream, which often lies in the same
 * block.
 */
import type { LineMetadata, LinePattern, LineTicks, SortedOut } from "@binnacle/model";
import { unixTimes } from "../part/block-codec.ts";
import type { PartFile } from "../part/part-file.ts";
import type { Needle } from "../part/needle.ts";
import type { TextColumn } from "../part/text-column.ts";
import type { BlockCache, Rows } from "./block-cache.ts";
import type { BlockText } from "./block-text.ts";
import { readerOf } from "./part-reader.ts";
import { lowerRow, type Run, type RunColumns } from "./run.ts";

export interface PartRunsOptions {
  /** The sequence of the stream's first run in the part; the others follow. */
  readonly sequence: number;
  readonly cache: BlockCache;
  /** Literals that all wanted lines hold: runs in which one does not occur are left out. */
  readonly needles: readonly Needle[];
  /** Blocks that cannot be read and are left out. Default none. */
  readonly skipped?: ReadonlySet<number>;
}

/** Runs of the stream at a position of the part's index. */
export function partRuns(
  part: PartFile,
  stream: number,
  { sequence, cache, needles, skipped }: PartRunsOptions,
): Run[] {
  const { runsOf, runs } = part.index;
  const reader = readerOf(part, cache);
  const judged = needles.map((needle) => reader.templates.judge(needle));
  const result: Run[] = [];
  for (let i = runsOf[stream]!; i < runsOf[stream + 1]!; i++) {
    const block = runs.block[i]!;
    if (skipped?.has(block) || !judged.every(({ mayHold }) => mayHold[block] === 1)) continue;
    const first = runs.firstRow[i]!;
    const text = reader.block(block);
    const bounds = {
      minNs: runs.minNs[i]!,
      maxNs: runs.maxNs[i]!,
      firstRow: first,
      endRow: first + runs.lines[i]!,
    };
    result.push(new PartRun(text, bounds, needles, sequence + i - runsOf[stream]!));
  }
  return result;
}

interface RunBounds {
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly firstRow: number;
  readonly endRow: number;
}

class PartRun implements Run {
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly sequence: number;
  readonly #text: BlockText;
  readonly #bounds: RunBounds;
  readonly #needles: readonly Needle[];

  constructor(text: BlockText, bounds: RunBounds, needles: readonly Needle[], sequence: number) {
    this.minNs = bounds.minNs;
    this.maxNs = bounds.maxNs;
    this.sequence = sequence;
    this.#text = text;
    this.#bounds = bounds;
    this.#needles = needles;
  }

  hasWanted(): boolean {
    const { firstRow, endRow } = this.#bounds;
    return this.#needles.every((needle) => {
      const rows = this.#text.find(needle);
      const next = rows[lowerRow(rows, firstRow)];
      return next !== undefined && next < endRow;
    });
  }

  open(): RunColumns {
    return new PartColumns(this.#text, this.#bounds);
  }
}

class PartColumns implements RunColumns {
  readonly lineCount: number;
  readonly bounds: RunBounds;
  readonly #first: number;
  readonly #end: number;
  readonly #text: BlockText;
  #timesNs: BigInt64Array | undefined;

  constructor(text: BlockText, bounds: RunBounds) {
    this.bounds = bounds;
    this.#first = bounds.firstRow;
    this.#end = bounds.endRow;
    this.lineCount = this.#end - this.#first;
    this.#text = text;
  }

  get timesNs(): BigInt64Array {
    const { entry, times } = this.#text;
    return (this.#timesNs ??= unixTimes(times, entry.baseNs, this.#first, this.#end));
  }

  get ticks(): LineTicks {
    const { unitNs, ticks } = this.#text.times;
    return { baseNs: this.#text.entry.baseNs, unitNs, values: ticks.subarray(this.#first, this.#end) };
  }

  get bytes(): Uint8Array {
    return this.#text.all.bytes;
  }

  get offsets(): Uint32Array {
    return this.#text.all.offsets.subarray(this.#first, this.#end + 1);
  }

  get textBytes(): number {
    const { lines, textBytes } = this.#text.entry;
    return Math.round((textBytes / lines) * this.lineCount);
  }

  get lengths(): Uint32Array {
    return this.#text.lengths.subarray(this.#first, this.#end);
  }

  find(needle: Needle): Rows {
    const rows = this.#text.find(needle);
    const found = rows.subarray(lowerRow(rows, this.#first), lowerRow(rows, this.#end));
    return this.#first === 0 ? found : found.map((row) => row - this.#first);
  }

  sortOut(pattern: LinePattern, rows?: Rows): SortedOut {
    const first = this.#first;
    const among = first === 0 ? rows : rows?.map((row) => row + first);
    const { certain, open } = this.#text.sortOut(pattern, first, this.#end, among);
    if (first === 0) return { certain, open };
    return { certain: certain.map((row) => row - first), open: open.map((row) => row - first) };
  }

  read(rows: Rows): TextColumn {
    return this.#text.read(this.#first === 0 ? rows : rows.map((row) => row + this.#first));
  }

  get metadata(): readonly (LineMetadata | undefined)[] | undefined {
    return this.#text.metadata?.slice(this.#first, this.#end);
  }
}
