/** Walks the lines of blocks through a pipeline. */
import type { LogBlock } from "@binnacle/model";
import { allLines, type LineNumbers } from "./line-filter.ts";
import type { Line } from "./line.ts";
import type { CompiledPipeline } from "./pipeline.ts";
import type { QueryStats } from "./query-stats.ts";

/** The lines of a block that the leading line filters let through; undefined for all. Charges the stats. */
export function selectLines(
  pipeline: CompiledPipeline,
  block: LogBlock,
  stats: QueryStats,
): LineNumbers | undefined {
  const lines = block.timesNs.length;
  stats.lines += lines;
  let kept: LineNumbers | undefined;
  if (pipeline.blockFilters.length === 0) return undefined;
  const { offsets } = block;
  stats.bytes += offsets[lines]! - offsets[0]!;
  for (const filter of pipeline.blockFilters) {
    kept = filter.select(block, kept);
    if (kept.length === 0) break;
  }
  return kept;
}

/**
 * Calls back for each line that passes, as it then is. `backward` begins with the last; false from it ends
 * the walk.
 */
export function walkBlock(
  pipeline: CompiledPipeline,
  block: LogBlock,
  line: Line,
  stats: QueryStats,
  isBackward: boolean,
  onLine: (line: Line, row: number) => boolean,
): boolean {
  const kept = selectLines(pipeline, block, stats) ?? allLines(block.timesNs.length);
  if (kept.length === 0) return true;
  const { timesNs, bytes, offsets, metadata } = block;
  if (pipeline.blockFilters.length === 0) stats.bytes += offsets[block.timesNs.length]! - offsets[0]!;
  for (let k = 0; k < kept.length; k++) {
    const row = kept[isBackward ? kept.length - 1 - k : k]!;
    line.reset(timesNs[row]!, bytes.subarray(offsets[row], offsets[row + 1]), metadata?.[row]);
    if (pipeline.stages.every((stage) => stage(line)) && !onLine(line, row)) return false;
  }
  return true;
}
