/**
 * Runs of a stream in a part; unpacked blocks are kept for the next stream, which often lies in the same
 * block.
 */
import type { LineMetadata } from "@binnacle/model";
import type { PartFile } from "../part/part-file.ts";
import type { Needle } from "../part/needle.ts";
import type { TextColumn } from "../part/text-column.ts";
import { BlockText, type Rows } from "./block-text.ts";
import type { BlockCache } from "./block-cache.ts";
import { lowerRow, type Run, type RunColumns } from "./run.ts";

export interface PartRunsOptions {
  readonly sequence: number;
  readonly cache: BlockCache;
  readonly needles: readonly Needle[];
  /** Blocks that are left out. */
  readonly skipped?: ReadonlySet<number>;
}

/**
 * Runs of the stream at a position of the part's index, without those in which one of the literals that
 * all wanted lines hold does not occur. They follow each other from `sequence` on.
 */
export function partRuns(
  part: PartFile,
  stream: number,
  { sequence, cache, needles, skipped }: PartRunsOptions,
): Run[] {
  const { runsOf, runs } = part.index;
  const result: Run[] = [];
  for (let i = runsOf[stream]!; i < runsOf[stream + 1]!; i++) {
    const first = runs.firstRow[i]!;
    const end = first + runs.lines[i]!;
    const block = runs.block[i]!;
    if (skipped?.has(block) === true) continue;
    const text = new BlockText(part, block, cache);
    if (!needles.every((needle) => text.mayHold(needle))) continue;
    result.push({
      minNs: runs.minNs[i]!,
      maxNs: runs.maxNs[i]!,
      sequence: sequence + i - runsOf[stream]!,
      open: () => new PartColumns(part, block, { first, end, cache, text }),
    });
  }
  return result;
}

class PartColumns implements RunColumns {
  readonly #part: PartFile;
  readonly #block: number;
  readonly #first: number;
  readonly #end: number;
  readonly #cache: BlockCache;
  readonly #text: BlockText;

  constructor(
    part: PartFile,
    block: number,
    { first, end, cache, text }: { first: number; end: number; cache: BlockCache; text: BlockText },
  ) {
    this.#part = part;
    this.#block = block;
    this.#first = first;
    this.#end = end;
    this.#cache = cache;
    this.#text = text;
  }

  get timesNs(): BigInt64Array {
    const times = this.#cache.get(`${this.#part.path}#${this.#block}#times`, () => {
      const column = this.#part.readTimes(this.#block);
      return { value: column, bytes: column.byteLength };
    });
    return times.subarray(this.#first, this.#end);
  }

  get bytes(): Uint8Array {
    return this.#text.all.bytes;
  }

  get offsets(): Uint32Array {
    return this.#text.all.offsets.subarray(this.#first, this.#end + 1);
  }

  get textBytes(): number {
    const { lines, textBytes } = this.#part.index.blocks[this.#block]!;
    return Math.round((textBytes / lines) * (this.#end - this.#first));
  }

  find(needle: Needle): Rows {
    const rows = this.#text.find(needle);
    const found = rows.subarray(lowerRow(rows, this.#first), lowerRow(rows, this.#end));
    return this.#first === 0 ? found : found.map((row) => row - this.#first);
  }

  read(rows: Rows): TextColumn {
    return this.#text.read(this.#first === 0 ? rows : rows.map((row) => row + this.#first));
  }

  get metadata(): readonly (LineMetadata | undefined)[] | undefined {
    if (this.#part.index.blocks[this.#block]!.metadata === undefined) return undefined;
    const column = this.#cache.get(`${this.#part.path}#${this.#block}#metadata`, () => {
      const value = this.#part.readMetadata(this.#block)!;
      // Texts are objects: a rough figure of what a pair costs.
      return { value, bytes: value.reduce((sum, pairs) => sum + 16 + 48 * (pairs?.length ?? 0), 0) };
    });
    return column.slice(this.#first, this.#end);
  }
}
