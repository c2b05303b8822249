/**
 * Runs of a stream in a part; unpacked blocks are kept for the next stream, which often lies in the same
 * block.
 */
import type { LineMetadata } from "@binnacle/model";
import type { PartFile } from "../part/part-file.ts";
import type { TextColumn } from "../part/text-codec.ts";
import type { BlockCache } from "./block-cache.ts";
import type { Run, RunColumns } from "./run.ts";

/** Runs of the stream at a position of the part's index. All have the part's own sequence. */
export function partRuns(part: PartFile, stream: number, sequence: number, cache: BlockCache): Run[] {
  const { runsOf, runs } = part.index;
  const result: Run[] = [];
  for (let i = runsOf[stream]!; i < runsOf[stream + 1]!; i++) {
    const first = runs.firstRow[i]!;
    const end = first + runs.lines[i]!;
    const block = runs.block[i]!;
    result.push({
      minNs: runs.minNs[i]!,
      maxNs: runs.maxNs[i]!,
      sequence,
      open: () => new PartColumns(part, block, first, end, cache),
    });
  }
  return result;
}

class PartColumns implements RunColumns {
  readonly timesNs: BigInt64Array;
  readonly #part: PartFile;
  readonly #block: number;
  readonly #first: number;
  readonly #end: number;
  readonly #cache: BlockCache;

  constructor(part: PartFile, block: number, first: number, end: number, cache: BlockCache) {
    this.#part = part;
    this.#block = block;
    this.#first = first;
    this.#end = end;
    this.#cache = cache;
    const times = cache.get(`${part.path}#${block}#times`, () => {
      const column = part.readTimes(block);
      return { value: column, bytes: column.byteLength };
    });
    this.timesNs = times.subarray(first, end);
  }

  get #text(): TextColumn {
    return this.#cache.get(`${this.#part.path}#${this.#block}#text`, () => {
      const value = this.#part.readText(this.#block);
      return { value, bytes: value.bytes.length + value.offsets.byteLength };
    });
  }

  get bytes(): Uint8Array {
    return this.#text.bytes;
  }

  get offsets(): Uint32Array {
    return this.#text.offsets.subarray(this.#first, this.#end + 1);
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
