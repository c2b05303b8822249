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

/** What a variable must be. */
export interface Condition {
  readonly kind: ConditionKind;
  readonly text: Uint8Array;
  /** Of the text, see maskOf. */
  readonly mask: number;
}

/** What a template says of the lines that have it. */
export const NEVER = 0;
export const ALWAYS = 1;
/** Those hold the literal whose variables meet all conditions of at least one place. */
export const CONDITIONALLY = 2;
/** Those of which any variable contains the literal. */
export const IN_VARIABLES = 3;

/** Bits of a place beside its slot: whether a variable must end in the head, or begin with the tail. */
const HAS_HEAD = 1;
const HAS_TAIL = 2;

export interface Verdicts {
  /** One of the above by the part's number of the template. */
  readonly of: Uint8Array;
  /**
   * Where in a template the literal may lie: places[firstPlace[t] … firstPlace[t + 1]), for
   * Needle.eachCondition.
   */
  readonly places: Uint32Array;
  readonly firstPlace: Uint32Array;
}

export class Needle {
  readonly bytes: Uint8Array;
  /** Names it in caches. */
  readonly key: string;
  /** That a variable contains all of it. */
  readonly contained: Condition;
  readonly #head: Uint8Array;
  readonly #tail: Uint8Array;
  /** Undefined for a literal within one word. */
  readonly #core: Buffer | undefined;
  /** What the variables must be that the head, the core's holes and the tail stand for. */
  readonly #headCondition: Condition;
  readonly #wordConditions: readonly Condition[];
  readonly #tailCondition: Condition;

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
    this.contained = condition("contains", bytes);
    this.#headCondition = condition("ends", this.#head);
    this.#wordConditions = words.map((word) => condition("equals", word));
    this.#tailCondition = condition("begins", this.#tail);
  }

  /** What each template says. */
  judge(templates: TextColumn): Verdicts {
    const of = new Uint8Array(templates.offsets.length - 1);
    const firstPlace = new Uint32Array(of.length + 1);
    let places: number[] = [];
    of[RAW] = IN_VARIABLES;
    if (!this.bytes.includes(HOLE)) {
      if (this.#core === undefined) this.#judgeWord(templates, of);
      else places = this.#judgeCore(this.#core, templates, of, firstPlace);
    }
    for (let template = 0; template < of.length; template++)
      firstPlace[template + 1]! += firstPlace[template]!;
    return { of, places: Uint32Array.from(places), firstPlace };
  }

  /** Calls back with each condition of a place and its slot, until one is answered with false. */
  eachCondition(place: number, onCondition: (slot: number, condition: Condition) => boolean): boolean {
    const slot = place >>> 2;
    if ((place & HAS_HEAD) !== 0 && !onCondition(slot - 1, this.#headCondition)) return false;
    const words = this.#wordConditions;
    for (let i = 0; i < words.length; i++) if (!onCondition(slot + i, words[i]!)) return false;
    return (place & HAS_TAIL) === 0 || onCondition(slot + words.length, this.#tailCondition);
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

  /** Answers the places, and counts those of template t in firstPlace[t + 1]. */
  #judgeCore(
    core: Uint8Array,
    { bytes, offsets }: TextColumn,
    of: Uint8Array,
    firstPlace: Uint32Array,
  ): number[] {
    const head = this.#head;
    const tail = this.#tail;
    const places: number[] = [];
    let countedTo = 0;
    let slot = 0;
    let counted = -1;
    eachOccurrence(bytes, core, offsets, (template, at) => {
      if (of[template] === ALWAYS) return;
      let place = 0;
      if (head.length > 0) {
        const from = offsets[template]!;
        if (at > from && bytes[at - 1] === HOLE) place = HAS_HEAD;
        else if (at - head.length < from || !equal(bytes, at - head.length, head)) return;
      }
      if (tail.length > 0) {
        const to = offsets[template + 1]!;
        const end = at + core.length;
        if (end < to && bytes[end] === HOLE) place |= HAS_TAIL;
        else if (end + tail.length > to || !equal(bytes, end, tail)) return;
      }
      if (place === 0 && this.#wordConditions.length === 0) {
        of[template] = ALWAYS;
        return;
      }
      if (counted !== template) {
        counted = template;
        countedTo = offsets[template]!;
        slot = 0;
      }
      for (; countedTo < at; countedTo++) if (bytes[countedTo] === HOLE) slot++;
      of[template] = CONDITIONALLY;
      places.push(slot * 4 + place);
      firstPlace[template + 1]!++;
    });
    return places;
  }
}

function condition(kind: ConditionKind, text: Uint8Array): Condition {
  return { kind, text, mask: maskOf(text, 0, text.length) };
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
