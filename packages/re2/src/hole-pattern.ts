/**
 * A pattern and texts that are known but for some words: what is left out of such a text stands as a hole,
 * which is a word of one or more ASCII letters, digits and characters from U+0080 on. Does every text of that
 * form match, none, or some?
 *
 *     user=[a-z]+ x    in    "id=␀ user=root x"      always
 *                            "id=␀ user=␀ x"         sometimes
 *                            "id=␀ user= x"          never
 *
 * Thompson's automaton walks over the text with two sets of states: those that some filling of the holes may
 * reach, and within them those that every filling does.
 *
 * Of a hole may be known which characters it is made of, as a mask: bit 0 for digits, bits 1 to 26 for the
 * letters whatever their case, bit 28 for characters from U+0080 on.
 */
import { areDisjoint, CODE_POINT_MAX, type CharClass } from "./char-class.ts";
import { HOLE_STATES_MAX } from "./limits.ts";
import { parsePattern, type Node } from "./syntax.ts";

export type HoleVerdict = "never" | "sometimes" | "always";

/** Stands for a hole in a text. */
const HOLE = 0;

/** A hole of which nothing is known. */
export const ANY_HOLE = 0x17ff_ffff;

// Kinds of states. A state that takes a character goes on to `next`; the others go on at once.
const TAKE = 0;
const SPLIT = 1;
const BOUNDARY = 2;
const START = 3;
const END = 4;
const MATCH = 5;

interface State {
  kind: number;
  chars: CharClass;
  next: number;
  /** SPLIT: where else it goes on. */
  other: number;
}

/** What stands at a place between two characters. */
interface Place {
  readonly isStart: boolean;
  readonly isEnd: boolean;
  /** Whether a word of \b's begins or ends here; undefined where that depends on a hole. */
  readonly boundary: boolean | undefined;
}

// What is known of a state at a place.
const MAY = 1;
const MUST = 2;

export class HolePattern {
  readonly #states: readonly State[];
  readonly #first: number;
  /** Of each state that takes a character: the bits of which it takes some, and of which it takes all. */
  readonly #takesSome: Int32Array;
  readonly #takesAll: Int32Array;
  /** Whether what is reached without a character depends on the place. */
  readonly #isPlaceBound: boolean;
  /** By state: what its next is without a character; filled where that does not depend on the place. */
  readonly #closures: (Uint16Array | undefined)[] = [];
  // One walk's own: the states at a place in order, and what is known of each.
  #list: Uint16Array;
  #count = 0;
  #flags: Uint8Array;
  #nextList: Uint16Array;
  #nextCount = 0;
  #nextFlags: Uint8Array;
  readonly #marks: Uint32Array;
  #mark = 0;

  private constructor(states: readonly State[], first: number) {
    this.#states = states;
    this.#first = first;
    this.#takesSome = Int32Array.from(states, ({ kind, chars }) => (kind === TAKE ? someOf(chars) : 0));
    this.#takesAll = Int32Array.from(states, ({ kind, chars }) => (kind === TAKE ? allOf(chars) : 0));
    this.#isPlaceBound = states.some(({ kind }) => kind === BOUNDARY || kind === START || kind === END);
    this.#list = new Uint16Array(states.length);
    this.#flags = new Uint8Array(states.length);
    this.#nextList = new Uint16Array(states.length);
    this.#nextFlags = new Uint8Array(states.length);
    this.#marks = new Uint32Array(states.length);
  }

  /**
   * Undefined for a pattern that is not known well enough, or too large. Whether it is valid is told
   * elsewhere.
   */
  static compile(pattern: string): HolePattern | undefined {
    const tree = parsePattern(pattern, { dotAll: false });
    if (tree === undefined) return undefined;
    const states: State[] = [{ kind: MATCH, chars: [], next: 0, other: 0 }];
    const first = build(tree, 0, states);
    return first < 0 ? undefined : new HolePattern(states, first);
  }

  /** A text whose holes are zero characters, and which has no others of these; the masks of its holes. */
  judge(text: string, masks?: ArrayLike<number>): HoleVerdict {
    const points = Array.from(text, (character) => character.codePointAt(0)!);
    this.#nextCount = 0;
    let isPossible = false;
    let hole = 0;
    for (let i = 0; i <= points.length; i++) {
      const place = placeAt(points, i);
      this.#reach(this.#first, MAY | MUST, place);
      this.#swap();
      const known = this.#flags[0]!;
      this.#flags[0] = 0;
      if ((known & MUST) !== 0) return this.#end("always");
      if (known !== 0) isPossible = true;
      const point = points[i];
      if (point === undefined) break;
      if (point === HOLE) {
        if (this.#throughHole(masks?.[hole++] ?? ANY_HOLE, placeAt(points, i + 1))) isPossible = true;
      } else this.#step(point, placeAt(points, i + 1));
    }
    return this.#end(isPossible ? "sometimes" : "never");
  }

  #end(verdict: HoleVerdict): HoleVerdict {
    this.#flags.fill(0);
    this.#nextFlags.fill(0);
    return verdict;
  }

  /** Begins a place with what was reached for it; flags of the one before are cleared. */
  #swap(): void {
    const { length } = this.#list;
    for (let k = 0; k < this.#count && k < length; k++) this.#flags[this.#list[k]!] = 0;
    [this.#list, this.#nextList] = [this.#nextList, this.#list];
    [this.#flags, this.#nextFlags] = [this.#nextFlags, this.#flags];
    this.#count = this.#nextCount;
    this.#nextCount = 0;
  }

  #add(state: number, known: number): void {
    const before = this.#nextFlags[state]!;
    if (before === 0) this.#nextList[this.#nextCount++] = state;
    this.#nextFlags[state] = before | known;
  }

  /** Adds what is reached from a state without a character. */
  #reach(state: number, known: number, place: Place): void {
    if (!this.#isPlaceBound) {
      const closure = (this.#closures[state] ??= this.#closure(state, INSIDE, false));
      for (const reached of closure) this.#add(reached, known);
      return;
    }
    for (const reached of this.#closure(state, place, true)) this.#add(reached, known & MAY);
    if ((known & MUST) === 0) return;
    for (const reached of this.#closure(state, place, false)) this.#add(reached, known);
  }

  /** Where nothing is known of a boundary, `allows` decides. */
  #closure(from: number, { isStart, isEnd, boundary }: Place, allows: boolean): Uint16Array {
    const marks = this.#marks;
    const mark = ++this.#mark;
    const reached: number[] = [];
    const waiting = [from];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (marks[at] === mark) continue;
      marks[at] = mark;
      const { kind, next, other } = this.#states[at]!;
      if (kind === TAKE || kind === MATCH) reached.push(at);
      else if (kind === SPLIT) waiting.push(next, other);
      else if (kind === START ? isStart : kind === END ? isEnd : (boundary ?? allows)) waiting.push(next);
    }
    return Uint16Array.from(reached);
  }

  #step(point: number, place: Place): void {
    for (let k = 0; k < this.#count; k++) {
      const state = this.#list[k]!;
      const { kind, chars, next } = this.#states[state]!;
      if (kind === TAKE && holds(chars, point)) this.#reach(next, this.#flags[state]!, place);
    }
  }

  /**
   * Goes through a hole: what may be reached behind any number of its characters, a match beginning at each
   * of them, and what every word leads to. Answers whether a match may end within it.
   */
  #throughHole(mask: number, place: Place): boolean {
    const reached = new Set<number>();
    let isMatch = false;
    let edge: ArrayLike<number> = this.#list.slice(0, this.#count);
    while (edge.length > 0) {
      const after = new Set<number>();
      for (let k = 0; k < edge.length; k++) {
        const state = edge[k]!;
        if ((this.#takesSome[state]! & mask) === 0) continue;
        const { next } = this.#states[state]!;
        if (reached.has(next)) continue;
        reached.add(next);
        after.add(next);
      }
      if (after.size === 0) break;
      const inside = new Set<number>();
      for (const from of [...after, this.#first]) {
        for (const state of this.#closure(from, INSIDE, true)) inside.add(state);
      }
      if (inside.has(0)) isMatch = true;
      edge = [...inside];
    }
    for (const next of reached) this.#reach(next, MAY, place);
    for (let k = 0; k < this.#count; k++) {
      const state = this.#list[k]!;
      if ((this.#flags[state]! & MUST) === 0 || (mask & ~this.#takesAll[state]!) !== 0) continue;
      // It takes all that the word may be made of, and comes back to itself.
      const { next } = this.#states[state]!;
      if (this.#closure(next, INSIDE, false).includes(state)) this.#reach(next, MAY | MUST, place);
    }
    return isMatch;
  }
}

const INSIDE: Place = { isStart: false, isEnd: false, boundary: undefined };

function placeAt(points: readonly number[], i: number): Place {
  const isStart = i === 0;
  const isEnd = i === points.length;
  const before = points[i - 1];
  const behind = points[i];
  const boundary =
    before === HOLE || behind === HOLE ? undefined : isWordOfBoundary(before) !== isWordOfBoundary(behind);
  return { isStart, isEnd, boundary };
}

function isWordOfBoundary(point: number | undefined): boolean {
  if (point === undefined) return false;
  return (
    (point >= 0x30 && point <= 0x39) ||
    (point >= 0x41 && point <= 0x5a) ||
    point === 0x5f ||
    (point >= 0x61 && point <= 0x7a)
  );
}

function holds(chars: CharClass, point: number): boolean {
  for (let i = 0; i < chars.length && chars[i]! <= point; i += 2) if (point <= chars[i + 1]!) return true;
  return false;
}

/** The characters of each bit of a mask. */
const BITS: readonly CharClass[] = Array.from({ length: 29 }, (_, bit) => {
  if (bit === 0) return [0x30, 0x39];
  if (bit === 28) return [0x80, CODE_POINT_MAX];
  return bit === 27 ? [] : [0x40 + bit, 0x40 + bit, 0x60 + bit, 0x60 + bit];
});

/** Bits of which the class has some character. */
function someOf(chars: CharClass): number {
  let mask = 0;
  for (const [bit, own] of BITS.entries()) if (!areDisjoint(chars, own)) mask |= 1 << bit;
  return mask;
}

/** Bits of which it has all. */
function allOf(chars: CharClass): number {
  let mask = 0;
  for (const [bit, own] of BITS.entries()) {
    let isHeld = own.length > 0;
    for (let i = 0; i < own.length; i += 2) {
      let isRangeHeld = false;
      for (let k = 0; k < chars.length; k += 2) {
        if (chars[k]! <= own[i]! && own[i + 1]! <= chars[k + 1]!) isRangeHeld = true;
      }
      if (!isRangeHeld) isHeld = false;
    }
    if (isHeld) mask |= 1 << bit;
  }
  return mask;
}

/** Builds the states of a node that goes on to `next`, and answers its first; −1 where there are too many. */
function build(node: Node, next: number, states: State[]): number {
  if (next < 0 || states.length >= HOLE_STATES_MAX) return -1;
  switch (node.kind) {
    case "class":
      return states.push({ kind: TAKE, chars: node.chars, next, other: 0 }) - 1;
    case "boundary":
      return states.push({ kind: BOUNDARY, chars: [], next, other: 0 }) - 1;
    case "start":
      return states.push({ kind: START, chars: [], next, other: 0 }) - 1;
    case "end":
      return states.push({ kind: END, chars: [], next, other: 0 }) - 1;
    case "capture":
      return build(node.node, next, states);
    case "concat": {
      let first = next;
      for (let i = node.parts.length - 1; i >= 0; i--) first = build(node.parts[i]!, first, states);
      return first;
    }
    case "alternate": {
      let first = -1;
      for (const part of node.parts) {
        const branch = build(part, next, states);
        if (branch < 0) return -1;
        first = first < 0 ? branch : states.push({ kind: SPLIT, chars: [], next: branch, other: first }) - 1;
      }
      return first;
    }
    default:
      return buildRepeat(node, next, states);
  }
}

function buildRepeat(node: Node & { kind: "repeat" }, next: number, states: State[]): number {
  let first = next;
  let copies = node.min;
  if (node.max === Infinity) {
    const loop = states.push({ kind: SPLIT, chars: [], next, other: next }) - 1;
    const inner = build(node.node, loop, states);
    if (inner < 0) return -1;
    states[loop]!.other = inner;
    // Of x+ the x itself is the loop.
    first = node.min > 0 ? inner : loop;
    copies--;
  } else {
    for (let i = node.min; i < node.max; i++) {
      const inner = build(node.node, first, states);
      if (inner < 0) return -1;
      first = states.push({ kind: SPLIT, chars: [], next: inner, other: next }) - 1;
    }
  }
  for (; copies > 0; copies--) first = build(node.node, first, states);
  return first;
}
