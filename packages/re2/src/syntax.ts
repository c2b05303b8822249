/**
 * The part of RE2's syntax that can be matched without re2js, as a tree.
 *
 * Whether a pattern is valid is re2js's to say, and it has said so before this runs. So this parser need not
 * refuse anything: at whatever it does not know (Unicode classes, multi-line anchors, …) it gives up.
 */
import {
  ANY,
  ANY_BUT_NEWLINE,
  type CharClass,
  classOf,
  DIGITS,
  foldedAscii,
  negated,
  SPACE,
  WORD,
} from "./char-class.ts";
import { DEPTH_MAX } from "./limits.ts";

export type Node =
  /** One code point. A literal is a run of these. */
  | { readonly kind: "class"; readonly chars: CharClass }
  | { readonly kind: "concat"; readonly parts: readonly Node[] }
  | { readonly kind: "alternate"; readonly parts: readonly Node[] }
  | {
      readonly kind: "repeat";
      readonly node: Node;
      readonly min: number;
      readonly max: number;
      readonly isGreedy: boolean;
    }
  | { readonly kind: "capture"; readonly node: Node }
  /** Where a word of ASCII begins or ends. */
  | { readonly kind: "boundary" }
  /** The text's begin and its end. */
  | { readonly kind: "start" }
  | { readonly kind: "end" };

class GaveUp extends Error {}

/** The tree, or undefined where the pattern has something this parser does not know. */
export function parsePattern(pattern: string, options: { dotAll: boolean }): Node | undefined {
  try {
    return new Parser(pattern, options.dotAll).parse();
  } catch (error) {
    if (error instanceof GaveUp) return undefined;
    throw error;
  }
}

interface Flags {
  ignoreCase: boolean;
  dotAll: boolean;
}

const WIDTHLESS: ReadonlySet<Node["kind"]> = new Set(["boundary", "start", "end"]);
const REPEAT = /^\{(\d+)(?:(,)(\d*))?\}/;
const GROUP_NAME = /^\?P?<[^>]*>/;
const GROUP_FLAGS = /^\?([is]*)(?:-([is]+))?([:)])/;
const CONTROL: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const PERL: Readonly<Record<string, CharClass>> = { d: DIGITS, w: WORD, s: SPACE };

class Parser {
  readonly #pattern: string;
  #at = 0;
  #depth = 0;
  #flags: Flags;

  constructor(pattern: string, dotAll: boolean) {
    this.#pattern = pattern;
    this.#flags = { ignoreCase: false, dotAll };
  }

  parse(): Node {
    const node = this.#alternation();
    if (this.#at < this.#pattern.length) throw new GaveUp();
    return node;
  }

  #alternation(): Node {
    if (++this.#depth > DEPTH_MAX) throw new GaveUp();
    const branches: Node[] = [];
    let parts: Node[] = [];
    for (;;) {
      const character = this.#pattern[this.#at];
      if (character === undefined || character === ")") break;
      if (character === "|") {
        this.#at++;
        branches.push(concat(parts));
        parts = [];
      } else {
        const atom = this.#atom();
        if (atom !== undefined) parts.push(this.#repeated(atom));
      }
    }
    this.#depth--;
    branches.push(concat(parts));
    return branches.length === 1 ? branches[0]! : { kind: "alternate", parts: branches };
  }

  /** One atom, or undefined for flags that stand alone. */
  #atom(): Node | undefined {
    const point = this.#next();
    switch (point) {
      case "(":
        return this.#group();
      case "[":
        return this.#folded(this.#bracket());
      case ".":
        return { kind: "class", chars: this.#flags.dotAll ? ANY : ANY_BUT_NEWLINE };
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case "\\":
        return this.#escaped();
      case "*":
      case "+":
      case "?":
        throw new GaveUp();
      default:
        return this.#folded({ ranges: single(point), isNegated: false });
    }
  }

  #group(): Node | undefined {
    const rest = this.#pattern.slice(this.#at, this.#at + 200);
    const saved = this.#flags;
    let isCapture = true;
    if (rest.startsWith("?")) {
      const name = GROUP_NAME.exec(rest);
      const flags = GROUP_FLAGS.exec(rest);
      if (name !== null) this.#at += name[0].length;
      else if (flags === null) throw new GaveUp();
      else {
        const [all, on = "", off = "", end] = flags;
        this.#at += all.length;
        this.#flags = {
          ignoreCase: (saved.ignoreCase || on.includes("i")) && !off.includes("i"),
          dotAll: (saved.dotAll || on.includes("s")) && !off.includes("s"),
        };
        // Flags that stand alone hold to the end of the group around them.
        if (end === ")") return undefined;
        isCapture = false;
      }
    }
    const inner = { ...this.#flags };
    this.#flags = inner;
    const node = this.#alternation();
    if (this.#next() !== ")") throw new GaveUp();
    this.#flags = saved;
    return isCapture ? { kind: "capture", node } : node;
  }

  #repeated(atom: Node): Node {
    let node = atom;
    for (;;) {
      const range = this.#repeatRange();
      if (range === undefined) return node;
      // A repetition of a repetition, or of nothing: nobody means it, and engines differ in it.
      if (node !== atom || WIDTHLESS.has(atom.kind)) throw new GaveUp();
      let isGreedy = true;
      if (this.#pattern[this.#at] === "?") {
        isGreedy = false;
        this.#at++;
      }
      node = { kind: "repeat", node: atom, min: range[0], max: range[1], isGreedy };
    }
  }

  #repeatRange(): [number, number] | undefined {
    const character = this.#pattern[this.#at];
    if (character === "*" || character === "+" || character === "?") {
      this.#at++;
      return [character === "+" ? 1 : 0, character === "?" ? 1 : Infinity];
    }
    if (character !== "{") return undefined;
    const match = REPEAT.exec(this.#pattern.slice(this.#at, this.#at + 20));
    if (match === null) return undefined;
    this.#at += match[0].length;
    const min = Number(match[1]);
    return [min, match[2] === undefined ? min : match[3] === "" ? Infinity : Number(match[3])];
  }

  /** An escape outside of brackets. */
  #escaped(): Node {
    const next = this.#pattern[this.#at];
    // Its opposite, \B, is left to re2js: V8 finds it between the halves of a character.
    if (next === "b") {
      this.#at++;
      return { kind: "boundary" };
    }
    if (next === "A" || next === "z") {
      this.#at++;
      return { kind: next === "A" ? "start" : "end" };
    }
    return this.#folded(this.#escapedClass());
  }

  /** An escape of a character or a Perl class. */
  #escapedClass(): { ranges: CharClass; isNegated: boolean } {
    const character = this.#next();
    const perl = PERL[character.toLowerCase()];
    if (perl !== undefined) return { ranges: perl, isNegated: character !== character.toLowerCase() };
    const control = CONTROL[character];
    if (control !== undefined) return { ranges: [control, control], isNegated: false };
    if (character === "x") {
      const match = /^(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{2}))/.exec(
        this.#pattern.slice(this.#at, this.#at + 8),
      );
      if (match === null) throw new GaveUp();
      this.#at += match[0].length;
      const point = Number.parseInt(match[1] ?? match[2]!, 16);
      return { ranges: [point, point], isNegated: false };
    }
    if (!/^[!-/:-@[-`{-~]$/.test(character)) throw new GaveUp();
    return { ranges: single(character), isNegated: false };
  }

  /** What stands between [ and ]; the [ has been read. */
  #bracket(): { ranges: CharClass; isNegated: boolean } {
    const isNegated = this.#pattern[this.#at] === "^";
    if (isNegated) this.#at++;
    const ranges: number[] = [];
    for (let isFirst = true; isFirst || this.#pattern[this.#at] !== "]"; isFirst = false) {
      const low = this.#bracketItem();
      if (low.length !== 2 || low[0] !== low[1]) {
        ranges.push(...low);
        continue;
      }
      let high = low;
      if (this.#pattern[this.#at] === "-" && this.#pattern[this.#at + 1] !== "]") {
        this.#at++;
        high = this.#bracketItem();
        if (high.length !== 2 || high[0] !== high[1] || high[0]! < low[0]!) throw new GaveUp();
      }
      ranges.push(low[0]!, high[1]!);
    }
    this.#at++;
    return { ranges: classOf(ranges), isNegated };
  }

  #bracketItem(): CharClass {
    const character = this.#next();
    if (character === "[" && this.#pattern[this.#at] === ":") throw new GaveUp();
    if (character !== "\\") return single(character);
    const { ranges, isNegated } = this.#escapedClass();
    if (!isNegated) return ranges;
    // Folding a negated class inside brackets would come after its negation.
    if (this.#flags.ignoreCase) throw new GaveUp();
    return negated(ranges);
  }

  #folded(parsed: { ranges: CharClass; isNegated: boolean }): Node {
    let chars: CharClass | undefined = parsed.ranges;
    if (this.#flags.ignoreCase) chars = foldedAscii(chars);
    if (chars === undefined) throw new GaveUp();
    if (parsed.isNegated) chars = negated(chars);
    // The empty class matches nothing, and half a surrogate pair is no character.
    if (chars.length === 0) throw new GaveUp();
    return { kind: "class", chars };
  }

  /** The next code point of the pattern. */
  #next(): string {
    const point = this.#pattern.codePointAt(this.#at);
    if (point === undefined || (point >= 0xd800 && point <= 0xdfff)) throw new GaveUp();
    const character = String.fromCodePoint(point);
    this.#at += character.length;
    return character;
  }
}

function single(character: string): CharClass {
  const point = character.codePointAt(0)!;
  return [point, point];
}

/** Concatenations within concatenations are taken apart. */
function concat(parts: readonly Node[]): Node {
  const flat = parts.flatMap((part) => (part.kind === "concat" ? part.parts : [part]));
  return flat.length === 1 ? flat[0]! : { kind: "concat", parts: flat };
}
