/** How long samples are kept, and how many bytes of them: what is due to go, decided from figures alone. */
import type { Matcher } from "@binnacle/model";
import { seriesTest, THROUGH_ALWAYS, type Deletion } from "./deletion.ts";
import type { BriefRetention } from "./head/head.ts";
import type { BlockMeta } from "./plan.ts";

/** Series that are kept for another time than the rest. */
export interface SelectorRetention {
  /** The selector as it was written: names it in the manifest. */
  readonly match: string;
  readonly matchers: readonly Matcher[];
  /** How long, in ms; less than the retention of all. */
  readonly retentionMs: number;
}

/** What selectors say of single series, for the head; undefined where there are none. */
export function briefRetention(retentions: readonly SelectorRetention[]): BriefRetention | undefined {
  if (retentions.length === 0) return undefined;
  const tests = retentions.map(({ matchers, retentionMs }) => ({
    isMeant: seriesTest([matchers]),
    retentionMs,
  }));
  return {
    shortestMs: Math.min(...retentions.map(({ retentionMs }) => retentionMs)),
    of(labels) {
      const times = tests.filter(({ isMeant }) => isMeant(labels)).map(({ retentionMs }) => retentionMs);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}

/** The share of a selector's time that must have passed since a block was written before it is again. */
const REWRITE_SHARE = 1 / 4;
const BEGINNING_MS = -(2 ** 52);

/** Blocks that hold nothing younger than the retention. */
export function planRetention(
  blocks: readonly BlockMeta[],
  options: { nowMs: number; retentionMs: number },
): readonly BlockMeta[] {
  return blocks.filter((block) => block.maxTimeMs < options.nowMs - options.retentionMs);
}

/** Blocks to remove so that what is left fits: those first whose newest sample is oldest. */
export function planSizeRetention(
  blocks: readonly BlockMeta[],
  options: { bytesMax: number; journalBytes: number },
): readonly BlockMeta[] {
  let excess = options.journalBytes - options.bytesMax;
  for (const { fileBytes } of blocks) excess += fileBytes;
  const gone: BlockMeta[] = [];
  for (const block of [...blocks].sort((a, b) => a.maxTimeMs - b.maxTimeMs || a.id - b.id)) {
    if (excess <= 0) break;
    gone.push(block);
    excess -= block.fileBytes;
  }
  return gone;
}

/** Each selector's retention as a deletion of what is older, whenever it came. */
export function retentionDeletions(retentions: readonly SelectorRetention[], nowMs: number): Deletion[] {
  return retentions.map(({ matchers, retentionMs }) => ({
    selectors: [matchers],
    startMs: BEGINNING_MS,
    endMs: nowMs - retentionMs - 1,
    through: THROUGH_ALWAYS,
  }));
}

/** Of each selector, the time before which a block written now has none of its samples. */
export function retentionCutoffs(
  retentions: readonly SelectorRetention[],
  nowMs: number,
): Readonly<Record<string, number>> {
  return Object.fromEntries(retentions.map(({ match, retentionMs }) => [match, nowMs - retentionMs]));
}

/**
 * Blocks worth writing anew, since a good part of their time has run out for a selector. `hasSeries` says
 * whether a block has any that matches; it is asked last.
 */
export function planSelectorRewrites(
  blocks: readonly BlockMeta[],
  options: {
    retentions: readonly SelectorRetention[];
    nowMs: number;
    hasSeries: (block: BlockMeta, retention: SelectorRetention) => boolean;
  },
): readonly BlockMeta[] {
  const isDue = (block: BlockMeta, retention: SelectorRetention): boolean => {
    const cutoffMs = options.nowMs - retention.retentionMs;
    const fromMs = Math.max(block.minTimeMs, block.cutoffs?.[retention.match] ?? BEGINNING_MS);
    if (fromMs >= cutoffMs || fromMs > block.maxTimeMs) return false;
    // All that can run out has, or enough of it that writing pays.
    return block.maxTimeMs < cutoffMs || cutoffMs - fromMs >= REWRITE_SHARE * retention.retentionMs;
  };
  return blocks.filter((block) =>
    options.retentions.some((retention) => isDue(block, retention) && options.hasSeries(block, retention)),
  );
}

/** Deletions that nothing they are about is left of: neither in the head nor in blocks. */
export function planForgetting(
  deletions: readonly Deletion[],
  left: { blocks: readonly BlockMeta[]; generations: readonly number[] },
): readonly Deletion[] {
  return deletions.filter(
    ({ through, startMs, endMs }) =>
      left.generations.every((id) => id > through) &&
      left.blocks.every(
        ({ id, minTimeMs, maxTimeMs }) => id > through || maxTimeMs < startMs || minTimeMs > endMs,
      ),
  );
}
