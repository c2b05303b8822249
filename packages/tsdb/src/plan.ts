/** What maintenance should do next, decided from figures alone. */
import { BLOCK_SAMPLES_MAX, BLOCK_SPAN_MS_MAX, HEAD_BYTES_PER_SERIES, MERGE_FAN_IN } from "./limits.ts";

/** What the manifest says of a block. */
export interface BlockMeta {
  /** Ascending in the order blocks came to be; a merged block is named by its newest input. */
  readonly id: number;
  readonly file: string;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly fileBytes: number;
  /** How many merges lie behind it. */
  readonly level: number;
  /** How often it was written anew without what had been deleted of it; 0 where it is left out. */
  readonly revision?: number;
  /** By selector with a retention of its own: it has none of these series' samples before this time. */
  readonly cutoffs?: Readonly<Record<string, number>>;
}

export interface HeadFigures {
  readonly samples: number;
  readonly series: number;
  readonly bytes: number;
  readonly ageMs: number;
  readonly sealIntervalMs: number;
  readonly headBytesMax: number;
}

/** Bytes at which a head is sealed, whatever its age. */
export function headBytesAllowed(head: { readonly series: number; readonly headBytesMax: number }): number {
  return Math.max(head.headBytesMax, head.series * HEAD_BYTES_PER_SERIES);
}

/** Whether the open generation should be sealed now, and why. */
export function planSeal(head: HeadFigures): "age" | "bytes" | undefined {
  if (head.samples === 0) return undefined;
  if (head.bytes >= headBytesAllowed(head)) return "bytes";
  return head.ageMs >= head.sealIntervalMs ? "age" : undefined;
}

export interface MergeBounds {
  /** Merge all there is that fits in one block, however few. */
  readonly all: boolean;
  readonly samplesMax?: number;
  readonly spanMsMax?: number;
}

/**
 * Blocks to merge next, oldest first, or none. Neighbours of one level are merged once there are MERGE_FAN_IN
 * of them, so that each sample is rewritten a logarithmic number of times; neighbours, so that the order of
 * arrival stays.
 */
export function planMerge(
  blocks: readonly BlockMeta[],
  bounds: MergeBounds = { all: false },
): readonly BlockMeta[] {
  const sorted = [...blocks].sort((a, b) => a.id - b.id);
  const samplesMax = bounds.samplesMax ?? BLOCK_SAMPLES_MAX;
  const spanMsMax = bounds.spanMsMax ?? BLOCK_SPAN_MS_MAX;
  const wanted = bounds.all ? 2 : MERGE_FAN_IN;
  for (let from = 0; from < sorted.length; from++) {
    const run: BlockMeta[] = [];
    let samples = 0;
    let minTimeMs = Number.POSITIVE_INFINITY;
    let maxTimeMs = Number.NEGATIVE_INFINITY;
    for (const block of sorted.slice(from)) {
      samples += block.sampleCount;
      minTimeMs = Math.min(minTimeMs, block.minTimeMs);
      maxTimeMs = Math.max(maxTimeMs, block.maxTimeMs);
      const fits = samples <= samplesMax && maxTimeMs - minTimeMs <= spanMsMax;
      if (!fits || (!bounds.all && block.level !== sorted[from]!.level)) break;
      run.push(block);
    }
    // A block that was only sealed is worth packing again by itself.
    const isRaw = bounds.all && run.length === 1 && run[0]!.level === 0;
    if (run.length >= wanted || isRaw) return bounds.all ? run : run.slice(0, MERGE_FAN_IN);
  }
  return [];
}
