/** Walks the lines of blocks through a pipeline. */
import type { LogBlock } from "@binnacle/model";
import { allLines, type LineNumbers } from "./line-filter.ts";
import type { Line } from "./line.ts";
import type { CompiledPipeline } from "./pipeline.ts";
import type { QueryStats } from "./query-stats.ts";

/**
 * The lines of a block that the leading line filters let through; undefined for all. Charges the stats.
 */
export function selectLines(
  pipeline: CompiledPipeline,
  block: LogBlock,
  stats: QueryStats,
): LineNumbers | undefined {
  const lines = countLines(block);
  stats.lines += lines;
  let kept: LineNumbers | undefined;
  if (pipeline.blockFilters.length === 0) return undefined;
  stats.bytes += textBytes(block);
  for (const filter of pipeline.blockFilters) {
    kept = filter.select(block, kept);
    if (kept.length === 0) break;
  }
  return kept;
}

/** Lines that are put together at once: a walk that stops early leaves the others alone. */
const LINES_AT_ONCE = 256;

export interface Walk {
  readonly isBackward: boolean;
  /** Asked before a line is put together; false ends the walk. */
  readonly wants?: (timeNs: bigint) => boolean;
  /** The line as it is after all stages; false ends the walk. */
  readonly onLine: (line: Line) => boolean;
}

/** Walks the lines that pass, from the last one on when backward. False when the walk was ended. */
export function walkBlock(
  pipeline: CompiledPipeline,
  block: LogBlock,
  line: Line,
  stats: QueryStats,
  { isBackward, wants, onLine }: Walk,
): boolean {
  const kept = selectLines(pipeline, block, stats) ?? allLines(block.timesNs.length);
  if (kept.length === 0) return true;
  const { timesNs, metadata } = block;
  if (pipeline.blockFilters.length === 0) chargeText(block, stats);
  for (let done = 0, count = 0; done < kept.length; done += count) {
    const next = (k: number): number => kept[isBackward ? kept.length - 1 - done - k : done + k]!;
    count = Math.min(LINES_AT_ONCE, kept.length - done);
    if (wants !== undefined) {
      // Times ascend: behind one line that is of no use there is none.
      let wanted = 0;
      while (wanted < count && wants(timesNs[next(wanted)]!)) wanted++;
      if (wanted === 0) return false;
      count = wanted;
    }
    const first = isBackward ? kept.length - done - count : done;
    const rows = kept.subarray(first, first + count);
    const isWhole = block.read === undefined || (wants === undefined && kept.length === timesNs.length);
    const { bytes, offsets } = isWhole ? block : block.read!(rows);
    for (let k = 0; k < count; k++) {
      const i = isBackward ? count - 1 - k : k;
      const row = rows[i]!;
      const timeNs = timesNs[row]!;
      if (wants?.(timeNs) === false) return false;
      const place = isWhole ? row : i;
      line.reset(timeNs, bytes.subarray(offsets[place], offsets[place + 1]), metadata?.[row]);
      if (pipeline.stages.every((stage) => stage(line)) && !onLine(line)) return false;
    }
  }
  return true;
}

/** Counts the text of a block that no filter has looked through. */
export function chargeText(block: LogBlock, stats: QueryStats): void {
  stats.bytes += textBytes(block);
}

function countLines(block: LogBlock): number {
  return block.lineCount ?? block.timesNs.length;
}

function textBytes(block: LogBlock): number {
  if (block.textBytes !== undefined) return block.textBytes;
  const { offsets } = block;
  return offsets[offsets.length - 1]! - offsets[0]!;
}
