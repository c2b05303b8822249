/** What stands between the gaps of a pattern (gaps.ts): a few texts, or a short expression. */
import { partsOf, spelledOut } from "./analysis.ts";
import { SEGMENT_LENGTH_MAX, SEGMENT_VALUES_MAX } from "./limits.ts";
import { hasAstral, isLinear, toRegExp } from "./linear.ts";
import type { Node } from "./syntax.ts";

export interface Segment {
  /** Its texts, where they are few. */
  readonly texts: readonly string[] | undefined;
  /** Where the match that ends first, of those that begin at a place or behind it, ends; or −1. */
  earliestEnd(text: string, from: number): number;
  /** Where the shortest match that begins right at a place ends; or −1. */
  earliestEndAt(text: string, from: number): number;
  /** Whether the text ends in a match that begins at a place or behind it. */
  endsText(text: string, from: number): boolean;
}

/** The segment, or undefined where it is neither. `isLast` is for one whose end does not matter. */
export function planSegment(parts: readonly Node[], options: { isLast: boolean }): Segment | undefined {
  const node: Node = { kind: "concat", parts };
  const texts = spelledOut(node);
  if (texts !== undefined && texts.length <= SEGMENT_VALUES_MAX) {
    return texts.every((text) => text.length <= SEGMENT_LENGTH_MAX) ? textsSegment(texts) : undefined;
  }
  const length = fixedLength(node);
  if (length !== undefined && length <= SEGMENT_LENGTH_MAX) return fixedSegment(node, length);
  return options.isLast && isLinear(node, { start: false, end: false }) ? lastSegment(node) : undefined;
}

function textsSegment(texts: readonly string[]): Segment {
  return {
    texts,
    earliestEnd(text, from) {
      let end = -1;
      for (const candidate of texts) {
        const found = text.indexOf(candidate, from);
        if (found >= 0 && (end < 0 || found + candidate.length < end)) end = found + candidate.length;
      }
      return end;
    },
    earliestEndAt(text, from) {
      let length = -1;
      for (const candidate of texts) {
        const isShorter = length < 0 || candidate.length < length;
        if (isShorter && text.startsWith(candidate, from)) length = candidate.length;
      }
      return length < 0 ? -1 : from + length;
    },
    endsText: (text, from) =>
      texts.some((candidate) => text.length - candidate.length >= from && text.endsWith(candidate)),
  };
}

/** Where every match is of one length, the first to begin is the first to end. */
function fixedSegment(node: Node, length: number): Segment {
  const anywhere = toRegExp(node, NO_ANCHORS, "g");
  const here = toRegExp(node, NO_ANCHORS, "y");
  return {
    texts: undefined,
    earliestEnd: (text, from) => endAt(anywhere, text, from),
    earliestEndAt: (text, from) => endAt(here, text, from),
    endsText: (text, from) => text.length - length >= from && endAt(here, text, text.length - length) >= 0,
  };
}

/** Where an expression with the flag g or y ends in a text from a place on, or −1. */
function endAt(re: RegExp, text: string, from: number): number {
  re.lastIndex = from;
  return re.test(text) ? re.lastIndex : -1;
}

/** Only ever asked whether there is a match, so any end of it will do. */
function lastSegment(node: Node): Segment {
  const anywhere = toRegExp(node, NO_ANCHORS, "g");
  return {
    texts: undefined,
    earliestEnd: (text, from) => endAt(anywhere, text, from),
    earliestEndAt: neverAsked,
    endsText: neverAsked,
  };
}

function neverAsked(): never {
  throw new Error("BUG: the last piece of a pattern is looked for at a place");
}

const NO_ANCHORS = { start: false, end: false };

/** Code units of every match, where all have the same and none is half of a character. */
function fixedLength(node: Node): number | undefined {
  if (hasAstral(node)) return undefined;
  let length = 0;
  for (const part of partsOf(node)) {
    if (part.kind === "class") length++;
    else if (part.kind === "repeat" && part.min === part.max && part.node.kind === "class")
      length += part.min;
    else return undefined;
  }
  return length;
}
