/**
 * Patterns that are texts with gaps: `error.*timeout`, `.*foo.*`, `(GET|POST) .+ 500`. Each text is looked
 * for behind the earliest end of the one before it, so a text is read once, from left to right.
 */
import { ANY, ANY_BUT_NEWLINE, isSameClass } from "./char-class.ts";
import { partsOf, spelledOut } from "./analysis.ts";
import { SEGMENT_LENGTH_MAX, SEGMENT_VALUES_MAX } from "./limits.ts";
import type { Node } from "./syntax.ts";

interface Gap {
  /** Whether there must be at least one character. */
  readonly needsOne: boolean;
}

export interface GapPlan {
  /** Texts between gaps, each with its alternatives. */
  readonly segments: readonly (readonly string[])[];
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
  const segments: (readonly string[])[] = [];
  const gaps: (Gap | undefined)[] = [anchors.start ? undefined : FREE];
  let run: Node[] = [];
  let isLineOnly = false;
  const endRun = (): boolean => {
    if (run.length === 0) return true;
    const texts = spelledOut({ kind: "concat", parts: run });
    if (texts === undefined || texts.length > SEGMENT_VALUES_MAX) return false;
    if (texts.some((text) => text.length > SEGMENT_LENGTH_MAX)) return false;
    segments.push(texts);
    gaps.push(undefined);
    run = [];
    return true;
  };

  for (const part of partsOf(node)) {
    const gap = gapOf(part);
    if (gap === undefined) {
      run.push(part);
      continue;
    }
    if (!endRun()) return undefined;
    if (gap.isLineOnly) isLineOnly = true;
    const before = gaps.at(-1);
    // Two gaps side by side, each of which needs a character, need two.
    if (before?.needsOne === true && gap.needsOne) return undefined;
    gaps[gaps.length - 1] = { needsOne: gap.needsOne || before?.needsOne === true };
  }
  if (!endRun()) return undefined;
  if (!anchors.end) gaps[gaps.length - 1] ??= FREE;
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
    const gap = gaps[i];
    const isLast = i === segments.length - 1;
    if (gap?.needsOne === true) {
      at = skipOne(text, at);
      if (at < 0) return false;
    }
    if (isLast && gaps[i + 1] === undefined)
      return endsFrom(text, at, { texts: segments[i]!, isFixed: gap === undefined });
    at = gap === undefined ? earliestEndAt(text, at, segments[i]!) : earliestEnd(text, at, segments[i]!);
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

/** Where the shortest of the texts that stand right at a place ends, or −1. */
function earliestEndAt(text: string, at: number, texts: readonly string[]): number {
  let end = -1;
  for (const candidate of texts) {
    if (text.startsWith(candidate, at) && (end < 0 || at + candidate.length < end))
      end = at + candidate.length;
  }
  return end;
}

/** Where the first of the texts to end from a place on ends, or −1. */
function earliestEnd(text: string, at: number, texts: readonly string[]): number {
  let end = -1;
  for (const candidate of texts) {
    const found = text.indexOf(candidate, at);
    if (found >= 0 && (end < 0 || found + candidate.length < end)) end = found + candidate.length;
  }
  return end;
}

/**
 * Whether the text ends in one of the texts, which begins at a place, or when it is not fixed there, behind
 * it.
 */
function endsFrom(text: string, at: number, ending: { texts: readonly string[]; isFixed: boolean }): boolean {
  return ending.texts.some((candidate) => {
    const from = text.length - candidate.length;
    return (ending.isFixed ? from === at : from >= at) && text.endsWith(candidate);
  });
}
