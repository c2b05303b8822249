/**
 * Splits lines into a template and its variables, and numbers the templates.
 *
 * A *word* is a longest run of letters, digits and bytes from 0x80 on. A word with a digit is a
 * *variable*; all else of the line is *static*. The template is the line with a zero byte in each
 * variable's place:
 *
 *     "take 12 of blk_0a7, 5 left"   →   "take ␀ of blk_␀, ␀ left"   and   "12", "0a7", "5"
 *
 * So a template fixes where words begin and end, which is what lets a search for a piece of a line
 * decide by templates and single columns (template-search.ts). A line that holds a zero byte itself, is
 * very long or has very many variables has the template RAW and is its one variable, whole.
 */
import { ByteReader, ByteWriter, corrupt } from "../bytes.ts";
import { TEMPLATED_LINE_BYTES_MAX, TEMPLATES_MAX, VARIABLES_MAX } from "../limits.ts";
import type { TextColumn } from "./text-column.ts";

/** The number of the template of lines that have none. */
export const RAW = 0;

/** Stands for a variable. */
export const HOLE = 0;

const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;

/** What a byte is to words: by byte. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  const lower = byte | 0x20;
  return byte >= 0x80 || (lower >= 0x61 && lower <= 0x7a) ? LETTER : OTHER;
});

export function isWordByte(byte: number): boolean {
  return KINDS[byte] !== OTHER;
}

export function isDigitByte(byte: number): boolean {
  return KINDS[byte] === DIGIT;
}

export function countHoles(text: Uint8Array): number {
  let holes = 0;
  for (const byte of text) if (byte === HOLE) holes++;
  return holes;
}

/** The lines of a block as templates and variables; filled anew by each `split`. */
export interface SplitLines {
  /** The template of each line. */
  readonly templates: Uint32Array;
  /** The first variable of each line; one more than lines. */
  readonly firstVariable: Uint32Array;
  /** Where variable v lies in the text: [starts[v], ends[v]). */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** How many variables a template has; RAW has one. */
  slotsOf(template: number): number;
}

export class TemplateTable {
  /** Texts of the templates, end to end. */
  #arena = new Uint8Array(64 * 1024);
  #ends: number[] = [0];
  #hashes: number[] = [0];
  /** Open addressing: number of the template + 1, or 0. */
  #slots = new Uint32Array(4096);
  readonly #masked = new Uint8Array(TEMPLATED_LINE_BYTES_MAX);
  #templates = new Uint32Array(0);
  #firstVariable = new Uint32Array(0);
  #starts = new Uint32Array(1024);
  #endsOfVariables = new Uint32Array(1024);

  /** RAW included. */
  get size(): number {
    return this.#ends.length;
  }

  /** A view, valid until the next template is added. */
  text(template: number): Uint8Array {
    return this.#arena.subarray(template === 0 ? 0 : this.#ends[template - 1], this.#ends[template]);
  }

  split({ bytes, offsets }: TextColumn): SplitLines {
    const lines = offsets.length - 1;
    if (this.#templates.length < lines) {
      this.#templates = new Uint32Array(lines);
      this.#firstVariable = new Uint32Array(lines + 1);
    }
    let variables = 0;
    for (let i = 0; i < lines; i++) {
      this.#firstVariable[i] = variables;
      if (variables + VARIABLES_MAX > this.#starts.length) this.#growVariables();
      variables = this.#splitLine(bytes, offsets[i]!, offsets[i + 1]!, i, variables);
    }
    this.#firstVariable[lines] = variables;
    return {
      templates: this.#templates.subarray(0, lines),
      firstVariable: this.#firstVariable.subarray(0, lines + 1),
      starts: this.#starts.subarray(0, variables),
      ends: this.#endsOfVariables.subarray(0, variables),
      slotsOf: (template) => (template === RAW ? 1 : countHoles(this.text(template))),
    };
  }

  #growVariables(): void {
    this.#starts = grow(this.#starts);
    this.#endsOfVariables = grow(this.#endsOfVariables);
  }

  /** Answers the number of the variable after the line's last. */
  #splitLine(bytes: Uint8Array, from: number, to: number, line: number, variables: number): number {
    const starts = this.#starts;
    const ends = this.#endsOfVariables;
    const masked = this.#masked;
    const raw = (): number => {
      this.#templates[line] = RAW;
      starts[variables] = from;
      ends[variables] = to;
      return variables + 1;
    };
    if (to - from > TEMPLATED_LINE_BYTES_MAX) return raw();
    let length = 0;
    let hash = 0x811c9dc5;
    let v = variables;
    for (let at = from; at < to;) {
      const byte = bytes[at]!;
      const kind = KINDS[byte]!;
      if (kind === OTHER) {
        if (byte === HOLE) return raw();
        masked[length++] = byte;
        hash = Math.imul(hash ^ byte, 0x01000193);
        at++;
        continue;
      }
      const start = at;
      const startLength = length;
      const startHash = hash;
      let kinds = kind;
      masked[length++] = byte;
      hash = Math.imul(hash ^ byte, 0x01000193);
      for (at++; at < to; at++) {
        const next = bytes[at]!;
        const nextKind = KINDS[next]!;
        if (nextKind === OTHER) break;
        kinds |= nextKind;
        masked[length++] = next;
        hash = Math.imul(hash ^ next, 0x01000193);
      }
      if (kinds < DIGIT) continue;
      if (v - variables === VARIABLES_MAX - 1) return raw();
      starts[v] = start;
      ends[v] = at;
      v++;
      length = startLength;
      masked[length++] = HOLE;
      hash = Math.imul(startHash ^ 0x5bd1e995, 0x01000193);
    }
    const template = this.#find(masked, length, hash);
    if (template === RAW) return raw();
    this.#templates[line] = template;
    return v;
  }

  /** The template with this text, made if there is none yet; RAW when no more can be made. */
  #find(text: Uint8Array, length: number, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const entry = this.#slots[slot]!;
      if (entry === 0) break;
      if (this.#hashes[entry - 1] === hash && this.#equals(entry - 1, text, length)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    const template = this.#ends.length;
    if (template >= TEMPLATES_MAX) return RAW;
    this.#slots[slot] = template + 1;
    const at = this.#ends[template - 1]!;
    if (at + length > this.#arena.length) {
      const grown = new Uint8Array(2 * (at + length));
      grown.set(this.#arena.subarray(0, at));
      this.#arena = grown;
    }
    this.#arena.set(text.subarray(0, length), at);
    this.#ends.push(at + length);
    this.#hashes.push(hash);
    if (template * 2 > this.#slots.length) this.#rehash();
    return template;
  }

  #equals(template: number, text: Uint8Array, length: number): boolean {
    const at = this.#ends[template - 1]!;
    if (this.#ends[template]! - at !== length) return false;
    const arena = this.#arena;
    for (let i = 0; i < length; i++) if (arena[at + i] !== text[i]) return false;
    return true;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(this.#slots.length * 4);
    const mask = this.#slots.length - 1;
    for (let template = 1; template < this.#ends.length; template++) {
      const hash = this.#hashes[template]!;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = template + 1;
    }
  }

  /** The number of a template that another table made. */
  intern(text: Uint8Array): number {
    let hash = 0x811c9dc5;
    for (const byte of text) hash = Math.imul(hash ^ (byte === HOLE ? 0x5bd1e995 : byte), 0x01000193);
    return this.#find(text, text.length, hash);
  }

  encode(): Uint8Array {
    const writer = new ByteWriter(this.#arena.length + this.size * 2 + 8);
    writer.varint(this.size);
    for (let template = 1; template < this.size; template++) writer.varint(this.text(template).length);
    writer.bytes(this.#arena.subarray(0, this.#ends.at(-1)));
    return writer.written();
  }
}

function grow(column: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(column.length * 2 + VARIABLES_MAX);
  grown.set(column);
  return grown;
}

/** The templates of a part, as they are read: text of t is bytes[offsets[t], offsets[t + 1]). */
export function decodeTemplates(bytes: Uint8Array, what: string): TextColumn {
  const reader = new ByteReader(bytes, what);
  const count = reader.varint();
  if (count < 1 || count > TEMPLATES_MAX) throw corrupt(what, `it says that it has ${count} templates`);
  const offsets = new Uint32Array(count + 1);
  let end = 0;
  for (let template = 1; template < count; template++) offsets[template + 1] = end += reader.varint();
  if (end !== reader.left)
    throw corrupt(what, `its templates have ${end} bytes and ${reader.left} are there`);
  return { bytes: reader.bytes(end), offsets };
}
