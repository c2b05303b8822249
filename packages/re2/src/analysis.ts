/**
 * What can be told from a pattern's tree: the texts it spells, how it may begin, what matching it may cost.
 */
import { type CharClass, classOf, classSize } from "./char-class.ts";
import { STEPS_MAX, VALUES_LENGTH_MAX, VALUES_MAX } from "./limits.ts";
import type { Node } from "./syntax.ts";

/** The tree without its captures, which make no difference to whether a text matches. */
export function withoutCaptures(node: Node): Node {
  switch (node.kind) {
    case "capture":
      return withoutCaptures(node.node);
    case "repeat":
      return { ...node, node: withoutCaptures(node.node) };
    case "alternate":
      return { kind: "alternate", parts: node.parts.map(withoutCaptures) };
    case "concat": {
      const parts = node.parts.map(withoutCaptures);
      return {
        kind: "concat",
        parts: parts.flatMap((part) => (part.kind === "concat" ? part.parts : [part])),
      };
    }
    default:
      return node;
  }
}

/** The parts that follow each other, whether there are many or one. */
export function partsOf(node: Node): readonly Node[] {
  return node.kind === "concat" ? node.parts : [node];
}

/** All texts that match, where they are few; otherwise undefined. Captures must be gone. */
export function spelledOut(node: Node): readonly string[] | undefined {
  switch (node.kind) {
    case "class":
      return spelledClass(node.chars);
    case "concat": {
      let texts: readonly string[] = [""];
      for (const part of node.parts) {
        const endings = spelledOut(part);
        if (endings === undefined || texts.length * endings.length > VALUES_MAX) return undefined;
        texts = texts.flatMap((text) => endings.map((ending) => text + ending));
        if (totalLength(texts) > VALUES_LENGTH_MAX) return undefined;
      }
      return texts;
    }
    case "alternate": {
      const texts = new Set<string>();
      for (const part of node.parts) {
        const more = spelledOut(part);
        if (more === undefined || texts.size + more.length > VALUES_MAX) return undefined;
        for (const text of more) texts.add(text);
      }
      return [...texts];
    }
    case "repeat": {
      if (node.max > STEPS_MAX) return undefined;
      const parts = Array.from({ length: node.min }, () => node.node);
      const branches: Node[] = [{ kind: "concat", parts }];
      for (let count = node.min + 1; count <= node.max; count++) {
        branches.push({ kind: "concat", parts: Array.from({ length: count }, () => node.node) });
        if (branches.length > VALUES_MAX) return undefined;
      }
      return spelledOut({ kind: "alternate", parts: branches });
    }
    default:
      return undefined;
  }
}

function spelledClass(chars: CharClass): readonly string[] | undefined {
  if (classSize(chars) > VALUES_MAX) return undefined;
  const texts: string[] = [];
  for (let i = 0; i < chars.length; i += 2) {
    for (let point = chars[i]!; point <= chars[i + 1]!; point++) {
      // Half a surrogate pair would become a whole one beside its other half.
      if (point >= 0xd800 && point <= 0xdfff) return undefined;
      texts.push(String.fromCodePoint(point));
    }
  }
  return texts;
}

function totalLength(texts: readonly string[]): number {
  let length = 0;
  for (const text of texts) length += text.length;
  return length;
}

/** How a run of parts may begin: the first characters, and whether it may match the empty text. */
export function firstOf(parts: readonly Node[]): { chars: CharClass; isNullable: boolean } {
  const ranges: number[] = [];
  for (const part of parts) {
    const first = firstOfNode(part);
    ranges.push(...first.chars);
    if (!first.isNullable) return { chars: classOf(ranges), isNullable: false };
  }
  return { chars: classOf(ranges), isNullable: true };
}

function firstOfNode(node: Node): { chars: CharClass; isNullable: boolean } {
  switch (node.kind) {
    case "class":
      return { chars: node.chars, isNullable: false };
    case "concat":
      return firstOf(node.parts);
    case "alternate": {
      const firsts = node.parts.map((part) => firstOfNode(part));
      return {
        chars: classOf(firsts.flatMap((first) => first.chars)),
        isNullable: firsts.some((first) => first.isNullable),
      };
    }
    case "repeat": {
      const first = firstOfNode(node.node);
      return { chars: first.chars, isNullable: first.isNullable || node.min === 0 };
    }
    case "capture":
      return firstOfNode(node.node);
    default:
      return { chars: [], isNullable: true };
  }
}

export interface Cost {
  /** Ways through the node that a backtracking matcher may try, at most. */
  readonly paths: number;
  /** Characters that the node may match, at most. */
  readonly length: number;
}

/** Infinite where there is an unbounded repetition. */
export function costOf(node: Node): Cost {
  switch (node.kind) {
    case "class":
      return { paths: 1, length: 1 };
    case "capture":
      return costOf(node.node);
    case "concat": {
      let paths = 1;
      let length = 0;
      for (const part of node.parts) {
        const cost = costOf(part);
        paths *= cost.paths;
        length += cost.length;
      }
      return { paths, length };
    }
    case "alternate": {
      const costs = node.parts.map(costOf);
      return {
        paths: costs.reduce((sum, cost) => sum + cost.paths, 0),
        length: Math.max(...costs.map((cost) => cost.length)),
      };
    }
    case "repeat": {
      const cost = costOf(node.node);
      if (node.max > STEPS_MAX) return { paths: Infinity, length: Infinity };
      let paths = 0;
      for (let count = node.min; count <= node.max; count++) paths += cost.paths ** count;
      return { paths, length: node.max * cost.length };
    }
    default:
      return { paths: 1, length: 0 };
  }
}

/** The longest of requiredLiterals, or "" where none is known. */
export function requiredLiteral(node: Node): string {
  let longest = "";
  for (const literal of requiredLiterals(node)) if (literal.length > longest.length) longest = literal;
  return longest;
}

/**
 * Texts that every match holds. Captures must be gone. U+FFFD is never in them: it also stands for bytes
 * that are no UTF-8, which look different.
 */
export function requiredLiterals(node: Node): string[] {
  const literals: string[] = [];
  let run = "";
  const close = (): void => {
    if (run !== "") literals.push(run);
    run = "";
  };
  for (const part of partsOf(node)) {
    const isLiteral =
      part.kind === "class" &&
      part.chars.length === 2 &&
      part.chars[0] === part.chars[1] &&
      part.chars[0] !== 0xfffd;
    if (isLiteral) run += String.fromCodePoint(part.chars[0]!);
    else close();
  }
  close();
  return literals;
}
