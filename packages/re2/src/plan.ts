/** How a pattern is tested without re2js, where it can be. */
import { withoutCaptures, partsOf, requiredLiteral, spelledOut } from "./analysis.ts";
import { type GapPlan, matchesGaps, planGaps } from "./gaps.ts";
import { BRANCHES_MAX } from "./limits.ts";
import { isLinear, toRegExp } from "./linear.ts";
import type { Node } from "./syntax.ts";

export interface TestPlan {
  /** Whether the whole text matches, or where it is not anchored, a part of it. */
  readonly test: (text: string) => boolean;
  /** Whether `test` holds only for texts without a line feed. */
  readonly isLineOnly: boolean;
  /** The only texts that match, where they are known. */
  readonly values: readonly string[] | undefined;
  /** What every text that matches begins with; "" where nothing is known. */
  readonly prefix: string;
  /** What every text that matches contains; "" where nothing is known. */
  readonly required: string;
  /** Whether containing `required` is all it takes. */
  readonly isContains: boolean;
}

/** The plan, or undefined where the pattern needs re2js. */
export function planTest(pattern: Node, options: { anchored: boolean }): TestPlan | undefined {
  const tree = withoutCaptures(pattern);
  const { node, start, end } = withoutEdges(tree, options.anchored);
  if (hasAnchor(node)) return undefined;
  const required = requiredLiteral(node);
  const prefix = start ? literalPrefix(node) : "";
  const rest = { prefix, required, isContains: false, isLineOnly: false, values: undefined };

  if (start && end) {
    const values = spelledOut(node);
    if (values !== undefined) {
      const set = new Set(values);
      return { ...rest, values, test: (text) => set.has(text) };
    }
  }
  const gaps = planGaps(node, { start, end });
  if (gaps !== undefined) {
    return {
      ...rest,
      isLineOnly: gaps.isLineOnly,
      // A gap that stops at line feeds may be empty, unless it must reach the text's edge.
      isContains: isContains(gaps, required) && !(gaps.isLineOnly && (start || end)),
      test: (text) => matchesGaps(gaps, text),
    };
  }
  const shorter = start ? node : withoutLeadingRun(node);
  if (isLinear(shorter, { start, end })) {
    const re = toRegExp(shorter, { start, end });
    return { ...rest, test: (text) => re.test(text) };
  }
  return planBranches(node, { anchored: start && end, isFree: !start && !end });
}

/** An alternation as a whole is matched branch by branch; anchors then hold for each. */
function planBranches(node: Node, anchors: { anchored: boolean; isFree: boolean }): TestPlan | undefined {
  if (node.kind !== "alternate" || node.parts.length > BRANCHES_MAX) return undefined;
  if (!anchors.anchored && !anchors.isFree) return undefined;
  const branches: TestPlan[] = [];
  for (const part of node.parts) {
    const branch = planTest(part, { anchored: anchors.anchored });
    if (branch === undefined) return undefined;
    branches.push(branch);
  }
  return {
    test: (text) => branches.some((branch) => branch.test(text)),
    isLineOnly: branches.some((branch) => branch.isLineOnly),
    values: undefined,
    prefix: commonPrefix(branches.map((branch) => branch.prefix)),
    required: "",
    isContains: false,
  };
}

/** Takes ^ and $ off the edges of a pattern: there they only say that it is anchored. */
function withoutEdges(tree: Node, anchored: boolean): { node: Node; start: boolean; end: boolean } {
  let parts = partsOf(tree);
  let start = anchored;
  let end = anchored;
  while (parts[0]?.kind === "start") {
    start = true;
    parts = parts.slice(1);
  }
  while (parts.at(-1)?.kind === "end") {
    end = true;
    parts = parts.slice(0, -1);
  }
  return { node: parts.length === 1 ? parts[0]! : { kind: "concat", parts }, start, end };
}

function hasAnchor(node: Node): boolean {
  switch (node.kind) {
    case "start":
    case "end":
      return true;
    case "concat":
    case "alternate":
      return node.parts.some(hasAnchor);
    case "repeat":
    case "capture":
      return hasAnchor(node.node);
    default:
      return false;
  }
}

/** Where a match may begin anywhere, a repetition it begins with need not be longer than it must. */
function withoutLeadingRun(node: Node): Node {
  const [first, ...others] = partsOf(node);
  if (first?.kind !== "repeat" || first.max !== Infinity) return node;
  return { kind: "concat", parts: [{ ...first, max: first.min }, ...others] };
}

function isContains(gaps: GapPlan, required: string): boolean {
  const texts = gaps.segments[0]?.texts;
  const isFree = gaps.gaps.every((gap) => gap !== undefined && !gap.needsOne);
  return gaps.segments.length === 1 && texts?.length === 1 && texts[0] === required && isFree;
}

/** What every match begins with. */
function literalPrefix(node: Node): string {
  let prefix = "";
  for (const part of partsOf(node)) {
    const texts = spelledOut(part);
    if (texts === undefined || texts.length === 0) return prefix;
    if (texts.length > 1) return prefix + commonPrefix(texts);
    prefix += texts[0]!;
  }
  return prefix;
}

function commonPrefix(texts: readonly string[]): string {
  let prefix = texts[0] ?? "";
  for (const text of texts) {
    let length = 0;
    while (length < prefix.length && prefix[length] === text[length]) length++;
    prefix = prefix.slice(0, length);
  }
  // Half a surrogate pair is no text.
  return /[\ud800-\udbff]$/.test(prefix) ? prefix.slice(0, -1) : prefix;
}
