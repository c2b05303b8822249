/**
 * Patterns that are short pieces with gaps: `error.*timeout`, `.*foo.*`, `status=5\d\d.+(GET|POST)`. Each
 * piece is looked for behind the earliest end of the one before it, so a text is read once, from left to
 * right.
 */
import { partsOf } from "./analysis.ts";
import { ANY, ANY_BUT_NEWLINE, isSameClass } from "./char-class.ts";
import { planSegment, type Segment } from "./segments.ts";
import type { Node } from "./syntax.ts";

interface Gap {
  /** Whether there must be at least one character. */
  readonly needsOne: boolean;
}

export interface GapPlan {
  readonly segments: readonly Segment[];
  /**
   * What stands before each segment, and behind the last; undefined where it must stand right at the text's
   * edge.
   */
  readonly gaps: readonly (Gap | undefined)[];
  /** Whether gaps do not match a line feed: then the plan holds only for texts without one. */
  readonly isLineOnly: boolean;
}

const FREE: Gap = { needsOne: false };

/** The plan, or undefined where the pattern is of another kind. Captures must be gone. */
export function planGaps(node: Node, anchors: { start: boolean; end: boolean }): GapPlan | undefined {
  const runs: Node[][] = [];
  const gaps: (Gap | undefined)[] = [anchors.start ? undefined : FREE];
  let isLineOnly = false;
  /** The run that the last part belongs to, if it was no gap. */
  let run: Node[] | undefined;
  for (const part of partsOf(node)) {
    const gap = gapOf(part);
    if (gap === undefined) {
      if (run === undefined) {
        run = [];
        runs.push(run);
        gaps.push(undefined);
      }
      run.push(part);
      continue;
    }
    run = undefined;
    if (gap.isLineOnly) isLineOnly = true;
    const before = gaps.at(-1);
    // Two gaps side by side, each of which needs a character, need two.
    if (before?.needsOne === true && gap.needsOne) return undefined;
    gaps[gaps.length - 1] = { needsOne: gap.needsOne || before?.needsOne === true };
  }
  const hasFreeEnd = !anchors.end && gaps.at(-1) === undefined;
  if (hasFreeEnd) gaps[gaps.length - 1] = FREE;

  const segments: Segment[] = [];
  for (const [i, parts] of runs.entries()) {
    // Nothing follows it, it may end anywhere, and it need not stand at the begin.
    const isLast = i === runs.length - 1 && hasFreeEnd && gaps[i] !== undefined;
    // A pattern that is one such piece needs no gaps to be looked for.
    const segment = planSegment(parts, { isLast: isLast && runs.length > 1 });
    if (segment === undefined) return undefined;
    segments.push(segment);
  }
  return { segments, gaps, isLineOnly };
}

function gapOf(node: Node): { needsOne: boolean; isLineOnly: boolean } | undefined {
  if (node.kind !== "repeat" || node.max !== Infinity || node.min > 1 || node.node.kind !== "class") {
    return undefined;
  }
  const { chars } = node.node;
  const isLineOnly = isSameClass(chars, ANY_BUT_NEWLINE);
  return isLineOnly || isSameClass(chars, ANY) ? { needsOne: node.min === 1, isLineOnly } : undefined;
}

/** Whether a text matches. */
export function matchesGaps(plan: GapPlan, text: string): boolean {
  const { segments, gaps } = plan;
  let at = 0;
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i]!;
    const gap = gaps[i];
    if (gap?.needsOne === true) {
      at = skipOne(text, at);
      if (at < 0) return false;
    }
    const endsText = i === segments.length - 1 && gaps[i + 1] === undefined;
    if (endsText && gap !== undefined) return segment.endsText(text, at);
    at = gap === undefined ? segment.earliestEndAt(text, at) : segment.earliestEnd(text, at);
    if (at < 0) return false;
  }
  const last = gaps[segments.length];
  if (last === undefined) return at === text.length;
  return !last.needsOne || at < text.length;
}

/** Behind the character at a place, or −1 at the text's end. */
function skipOne(text: string, at: number): number {
  const point = text.codePointAt(at);
  return point === undefined ? -1 : at + (point > 0xffff ? 2 : 1);
}
