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

/** "all" lines, or those that meet all conditions of at least one set. */
export type Verdict = "all" | readonly (readonly Condition[])[];

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

  /** The templates that may hold it, with what that depends on. All others hold it in no line. */
  judge(templates: TextColumn): Map<number, Verdict> {
    const verdicts = new Map<number, Verdict>();
    const whole: Condition = { slot: 0, kind: "contains", text: this.bytes, mask: maskOfAll(this.bytes) };
    verdicts.set(RAW, [[whole]]);
    if (this.bytes.includes(HOLE)) return verdicts;
    if (this.#core === undefined) this.#judgeWord(templates, verdicts);
    else this.#judgeCore(this.#core, templates, verdicts);
    return verdicts;
  }

  #judgeWord({ bytes, offsets }: TextColumn, verdicts: Map<number, Verdict>): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const mask = maskOfAll(this.bytes);
    for (let template = 1; template + 1 < offsets.length; template++) {
      const from = offsets[template]!;
      const to = offsets[template + 1]!;
      const sets: Condition[][] = [];
      for (let at = from; at < to; at++) {
        if (bytes[at] === HOLE) sets.push([{ slot: sets.length, kind: "contains", text: this.bytes, mask }]);
      }
      if (sets.length > 0) verdicts.set(template, sets);
    }
    eachOccurrence(text, Buffer.from(this.bytes), offsets, (template) => verdicts.set(template, "all"));
  }

  #judgeCore(core: Buffer, { bytes, offsets }: TextColumn, verdicts: Map<number, Verdict>): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    eachOccurrence(text, core, offsets, (template, at) => {
      const known = verdicts.get(template);
      if (known === "all") return;
      const conditions = this.#conditionsAt(bytes, offsets[template]!, offsets[template + 1]!, at, core);
      if (conditions === undefined) return;
      verdicts.set(template, conditions.length === 0 ? "all" : [...(known ?? []), conditions]);
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
  text: Buffer,
  piece: Buffer,
  offsets: Uint32Array,
  onPlace: (template: number, at: number) => void,
): void {
  let template = 1;
  for (let at = text.indexOf(piece); at >= 0; at = text.indexOf(piece, at + 1)) {
    while (template + 1 < offsets.length && offsets[template + 1]! <= at) template++;
    if (template + 1 < offsets.length && at + piece.length <= offsets[template + 1]!) onPlace(template, at);
  }
}

function equal(bytes: Uint8Array, at: number, piece: Uint8Array): boolean {
  for (let i = 0; i < piece.length; i++) if (bytes[at + i] !== piece[i]) return false;
  return true;
}

function maskOfAll(bytes: Uint8Array): number {
  return maskOf(bytes, 0, bytes.length);
}
