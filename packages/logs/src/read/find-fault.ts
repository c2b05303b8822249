/** Reads all that a block of a part says, to find out whether it can be read. */
import { BinnacleError } from "@binnacle/model";
import type { PartFile } from "../part/part-file.ts";
import { BlockCache } from "./block-cache.ts";
import { readerOf } from "./part-reader.ts";

/** What is wrong with a block, with file and place; undefined when all of it can be read. */
export function findFault(part: PartFile, block: number): string | undefined {
  try {
    part.readTimes(block);
    part.readMetadata(block);
    part.readRows(block);
    part.readDirectory(block);
    const { offsets } = readerOf(part, new BlockCache(0)).block(block).all;
    const { lines, textBytes } = part.index.blocks[block]!;
    if (offsets.length !== lines + 1 || offsets[lines] !== textBytes) {
      return `${part.path}: block ${block} has ${offsets[lines]} bytes of text, its index says ${textBytes}`;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    return error.message;
  }
}
