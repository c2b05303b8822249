/**
 * Which lines hold a literal, decided by templates and single variables.
 *
 * A template fixes where words begin and end, so a literal can lie in a line only where its own
 * separators do. It is cut at its outermost separators:
 *
 *     "t 12 of blk"   =   "t"  +  " ␀ of "  +  "blk"        the ␀ must be 12
 *                        head       core       tail
 *
 * The core, its words with digits masked as a template's are, must stand in the template as it is.
 * Before it must end a word in `head`, behind it must begin one in `tail`: of a static word that is
 * known at once, of a variable it is a *condition* on its values. A literal without separators lies
 * within one word, static or variable. So each template holds the literal in all of its lines, in none,
 * or in those whose variables meet one of several sets of conditions; nothing else of a line matters.
 */
import { HOLE, isDigitByte, isWordByte, RAW } from "./template-table.ts";
import type { TextColumn } from "./text-column.ts";
import { maskOf } from "./variable-column.ts";

export type ConditionKind = "equals" | "begins" | "ends" | "contains";

/** What the variable in a slot must be. */
export interface Condition {
  readonly slot: number;
  readonly kind: ConditionKind;
  readonly text: Uint8Array;
  readonly mask: number;
}

/** What a template says of the lines that have it. */
export const NEVER = 0;
export const ALWAYS = 1;
/** Those hold the literal whose variables meet all conditions of at least one set. */
export const CONDITIONALLY = 2;
/** Those of which any variable contains the literal. */
export const IN_VARIABLES = 3;

export interface Verdicts {
  /** One of the above by the part's number of the template. */
  readonly of: Uint8Array;
  /** The sets of conditions of those that hold it conditionally. */
  readonly sets: ReadonlyMap<number, readonly (readonly Condition[])[]>;
}

export class Needle {
  readonly bytes: Uint8Array;
  /** Names it in caches. */
  readonly key: string;
  readonly #head: Uint8Array;
  readonly #tail: Uint8Array;
  /** Undefined for a literal within one word. */
  readonly #core: Buffer | undefined;
  /** The words that the core's holes stand for. */
  readonly #words: readonly Uint8Array[];

  /** Not empty. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.key = Buffer.from(bytes).toString("latin1");
    let from = 0;
    while (from < bytes.length && isWordByte(bytes[from]!)) from++;
    let to = bytes.length;
    while (to > from && isWordByte(bytes[to - 1]!)) to--;
    this.#head = bytes.subarray(0, from);
    this.#tail = bytes.subarray(to);
    const words: Uint8Array[] = [];
    this.#core = from === bytes.length ? undefined : mask(bytes.subarray(from, to), words);
    this.#words = words;
  }

  /** That any variable contains it; the slot is of no meaning. */
  get contained(): Condition {
    return { slot: 0, kind: "contains", text: this.bytes, mask: maskOfAll(this.bytes) };
  }

  /** What each template says. */
  judge(templates: TextColumn): Verdicts {
    const of = new Uint8Array(templates.offsets.length - 1);
    const sets = new Map<number, readonly (readonly Condition[])[]>();
    of[RAW] = IN_VARIABLES;
    if (!this.bytes.includes(HOLE)) {
      if (this.#core === undefined) this.#judgeWord(templates, of);
      else this.#judgeCore(this.#core, templates, of, sets);
    }
    return { of, sets };
  }

  #judgeWord({ bytes, offsets }: TextColumn, of: Uint8Array): void {
    const holes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let template = 1, at = 0; template < of.length; template++) {
      if (at < offsets[template]!) at = holes.indexOf(HOLE, offsets[template]);
      if (at < 0) break;
      if (at < offsets[template + 1]!) of[template] = IN_VARIABLES;
    }
    eachOccurrence(bytes, this.bytes, offsets, (template) => void (of[template] = ALWAYS));
  }

  #judgeCore(
    core: Uint8Array,
    { bytes, offsets }: TextColumn,
    of: Uint8Array,
    sets: Map<number, readonly (readonly Condition[])[]>,
  ): void {
    const head = this.#head.at(-1);
    const tail = this.#tail[0];
    eachOccurrence(bytes, core, offsets, (template, at) => {
      if (of[template] === ALWAYS) return;
      // Most places are told by the bytes next to them.
      const before = bytes[at - 1];
      if (head !== undefined && before !== HOLE && before !== head) return;
      const behind = bytes[at + core.length];
      if (tail !== undefined && behind !== HOLE && behind !== tail) return;
      const conditions = this.#conditionsAt(bytes, offsets[template]!, offsets[template + 1]!, at, core);
      if (conditions === undefined) return;
      of[template] = conditions.length === 0 ? ALWAYS : CONDITIONALLY;
      if (conditions.length > 0) sets.set(template, [...(sets.get(template) ?? []), conditions]);
    });
  }

  /**
   * What must hold for the literal to lie with its core at a place of a template; undefined: it cannot.
   */
  #conditionsAt(
    bytes: Uint8Array,
    from: number,
    to: number,
    at: number,
    core: Uint8Array,
  ): Condition[] | undefined {
    const head = this.#head;
    const tail = this.#tail;
    const end = at + core.length;
    let slot = 0;
    for (let i = from; i < at; i++) if (bytes[i] === HOLE) slot++;
    const conditions: Condition[] = [];
    const add = (index: number, kind: ConditionKind, text: Uint8Array): void => {
      conditions.push({ slot: index, kind, text, mask: maskOfAll(text) });
    };
    if (head.length > 0) {
      if (at > from && bytes[at - 1] === HOLE) add(slot - 1, "ends", head);
      else if (at - head.length < from || !equal(bytes, at - head.length, head)) return undefined;
    }
    for (const word of this.#words) add(slot++, "equals", word);
    if (tail.length > 0) {
      if (end < to && bytes[end] === HOLE) add(slot, "begins", tail);
      else if (end + tail.length > to || !equal(bytes, end, tail)) return undefined;
    }
    return conditions;
  }
}

/** Puts a hole in the place of each word with a digit. */
function mask(bytes: Uint8Array, words: Uint8Array[]): Buffer {
  const masked: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = at;
    let hasDigit = false;
    for (; at < bytes.length && isWordByte(bytes[at]!); at++) if (isDigitByte(bytes[at]!)) hasDigit = true;
    if (hasDigit) {
      masked.push(HOLE);
      words.push(bytes.subarray(start, at));
    } else for (let i = start; i < at; i++) masked.push(bytes[i]!);
    if (at < bytes.length) masked.push(bytes[at++]!);
  }
  return Buffer.from(masked);
}

/** Calls back for each place within one template, ascending; places may overlap. */
function eachOccurrence(
  bytes: Uint8Array,
  piece: Uint8Array,
  offsets: Uint32Array,
  onPlace: (template: number, at: number) => void,
): void {
  let template = 1;
  const visit = (at: number): void => {
    while (template + 1 < offsets.length && offsets[template + 1]! <= at) template++;
    if (template + 1 < offsets.length && at + piece.length <= offsets[template + 1]!) onPlace(template, at);
  };
  if (piece.length <= SHORT_PIECE) {
    // It stands nearly everywhere: a call of indexOf for each place would cost more than the places.
    const first = piece[0]!;
    const last = bytes.length - piece.length;
    for (let at = 0; at <= last; at++) if (bytes[at] === first && equal(bytes, at, piece)) visit(at);
    return;
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  for (let at = text.indexOf(buffer); at >= 0; at = text.indexOf(buffer, at + 1)) visit(at);
}

const SHORT_PIECE = 3;

function equal(bytes: Uint8Array, at: number, piece: Uint8Array): boolean {
  for (let i = 0; i < piece.length; i++) if (bytes[at + i] !== piece[i]) return false;
  return true;
}

/** The needle of a literal; of the same bytes object the same one. */
export function needleOf(literal: Uint8Array): Needle {
  let needle = needles.get(literal);
  if (needle === undefined) needles.set(literal, (needle = new Needle(literal)));
  return needle;
}

const needles = new WeakMap<Uint8Array, Needle>();

function maskOfAll(bytes: Uint8Array): number {
  return maskOf(bytes, 0, bytes.length);
}
