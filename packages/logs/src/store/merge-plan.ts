/** Which parts to merge: decided here, done elsewhere. */
import type { LineDeletion } from "../deletion/line-deletion.ts";
import { MERGE_FAN_IN } from "../limits.ts";
import { comparePartNames, DAY_NS, type PartName } from "./layout.ts";

export interface PartSize extends PartName {
  readonly bytes: number;
}

export interface MergePlanOptions {
  /** Parts of this size or more are left alone. */
  readonly partBytesMax: number;
  /** Merge all of a day into one, whatever the sizes. */
  readonly isFull: boolean;
  /** Deletions that can still be taken back: what they are about is not merged with what came later. */
  readonly deletions: readonly Pick<LineDeletion, "startNs" | "endNs" | "through">[];
}

/** Size classes: each four times the one before, the first up to 64 KB. */
function sizeClass(bytes: number): number {
  return Math.max(0, Math.ceil(Math.log2(Math.max(1, bytes / 65_536)) / 2));
}

/**
 * The next parts to merge, neighbours of one day in the order their lines came, or undefined when nothing is
 * worth it. Of neighbours whose classes are no larger than the first's, MERGE_FAN_IN make a merge: each line
 * is rewritten about once a class.
 */
export function planMerge<Part extends PartSize>(
  parts: readonly Part[],
  options: MergePlanOptions,
): readonly Part[] | undefined {
  const sorted = [...parts].sort(comparePartNames);
  for (let i = 0; i < sorted.length; i++) {
    const first = sorted[i]!;
    const group = [first];
    let bytes = first.bytes;
    for (let k = i + 1; k < sorted.length; k++) {
      const next = sorted[k]!;
      if (next.day !== first.day || bytes + next.bytes > options.partBytesMax) break;
      if (options.deletions.some((deletion) => isBetween(deletion, first, next))) break;
      if (!options.isFull && sizeClass(next.bytes) > sizeClass(first.bytes)) break;
      group.push(next);
      bytes += next.bytes;
    }
    if (options.isFull) {
      if (group.length >= 2) return group;
      continue;
    }
    // The older neighbour must have got company of its own class, not only crumbs.
    const peers = group.filter((part) => sizeClass(part.bytes) === sizeClass(first.bytes));
    if (peers.length >= MERGE_FAN_IN) return group;
  }
  return undefined;
}

function isBetween(
  { through, startNs, endNs }: Pick<LineDeletion, "startNs" | "endNs" | "through">,
  before: PartName,
  after: PartName,
): boolean {
  const dayNs = BigInt(before.day) * DAY_NS;
  const isNear = startNs < dayNs + DAY_NS && endNs >= dayNs;
  return isNear && before.lastGeneration <= through && after.firstGeneration > through;
}
