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
import { LineSplitter, type SplitTable } from "@binnacle/kernels";
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
  /** By template: where its text ends, and the text's hash. RAW has neither. */
  #ends = new Uint32Array(1024);
  #hashes = new Uint32Array(1024);
  #size = 1;
  /** Open addressing: number of the template + 1, or 0. */
  #slots = new Uint32Array(4096);
  readonly #splitter = new LineSplitter({
    lineBytesMax: TEMPLATED_LINE_BYTES_MAX,
    lineVariablesMax: VARIABLES_MAX - 1,
  });
  #templates = new Uint32Array(0);
  #firstVariable = new Uint32Array(0);
  #starts = new Uint32Array(1024);
  #endsOfVariables = new Uint32Array(1024);

  /** RAW included. */
  get size(): number {
    return this.#size;
  }

  /** A view, valid until the next template is added. */
  text(template: number): Uint8Array {
    return this.#arena.subarray(template === 0 ? 0 : this.#ends[template - 1], this.#ends[template]);
  }

  split(column: TextColumn): SplitLines {
    const { offsets } = column;
    const lines = offsets.length - 1;
    if (this.#templates.length < lines) {
      this.#templates = new Uint32Array(lines);
      this.#firstVariable = new Uint32Array(lines + 1);
    }
    let variables = 0;
    for (let line = 0; line < lines;) {
      const count = this.#splitter.windowLines(offsets, line);
      if (count > 0) {
        variables = this.#splitWindow(column, line, count, variables);
        line += count;
        continue;
      }
      this.#makeRoom(variables, 1);
      this.#templates[line] = RAW;
      this.#firstVariable[line] = variables;
      this.#starts[variables] = offsets[line]!;
      this.#endsOfVariables[variables++] = offsets[++line]!;
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

  /** Answers the number of the variable after the window's last. */
  #splitWindow(column: TextColumn, from: number, count: number, variables: number): number {
    const table = (): SplitTable => ({
      slots: this.#slots,
      hashes: this.#hashes,
      ends: this.#ends,
      arena: this.#arena,
      size: this.#size,
    });
    const window = this.#splitter.split(column, { from, count, table }, (text, hash) =>
      this.#insert(text, hash),
    );
    const { templates, counts, starts, ends } = window;
    this.#templates.set(templates, from);
    this.#makeRoom(variables, starts.length);
    this.#starts.set(starts, variables);
    this.#endsOfVariables.set(ends, variables);
    let first = variables;
    for (let i = 0; i < count; i++) {
      this.#firstVariable[from + i] = first;
      first += counts[i]!;
    }
    return first;
  }

  #makeRoom(variables: number, more: number): void {
    if (variables + more <= this.#starts.length) return;
    this.#starts = grow(this.#starts, variables + more);
    this.#endsOfVariables = grow(this.#endsOfVariables, variables + more);
  }

  /** Puts a new template in, and answers its number; RAW when there can be no more. */
  #insert(text: Uint8Array, hash: number): number {
    const template = this.#size;
    if (template >= TEMPLATES_MAX) return RAW;
    const at = this.#ends[template - 1]!;
    if (at + text.length > this.#arena.length) {
      const grown = new Uint8Array(2 * (at + text.length));
      grown.set(this.#arena.subarray(0, at));
      this.#arena = grown;
    }
    if (template === this.#ends.length) {
      this.#ends = grow(this.#ends, template + 1);
      this.#hashes = grow(this.#hashes, template + 1);
    }
    this.#arena.set(text, at);
    this.#ends[template] = at + text.length;
    this.#hashes[template] = hash;
    this.#size++;
    this.#setSlot(template);
    if (template * 2 > this.#slots.length) {
      this.#slots = new Uint32Array(this.#slots.length * 4);
      for (let known = 1; known < this.#size; known++) this.#setSlot(known);
    }
    return template;
  }

  #setSlot(template: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[template]! & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = template + 1;
  }

  /** The number of a template that another table made; RAW when there can be no more. */
  intern(text: Uint8Array): number {
    const hash = LineSplitter.hashOf(text);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const template = this.#slots[slot]! - 1;
      if (this.#hashes[template] === hash && isSame(this.text(template), text)) return template;
    }
    return this.#insert(text, hash);
  }

  encode(): Uint8Array {
    const writer = new ByteWriter(this.#arena.length + this.size * 2 + 8);
    writer.varint(this.size);
    for (let template = 1; template < this.size; template++) writer.varint(this.text(template).length);
    writer.bytes(this.#arena.subarray(0, this.#ends[this.#size - 1]));
    return writer.written();
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function grow(column: Uint32Array, least: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(Math.max(2 * column.length, least));
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
