/**
 * A block's text as templates and columns. The *rows* page has the template of each line, as its number
 * in the block. The *directory* has, for each template of the block, how many lines it has and the
 * headers of its columns. The columns' payloads lie in *groups*, template by template, so that reading
 * the lines of some templates unpacks only their groups.
 */
import { ByteReader, ByteWriter, corrupt } from "../bytes.ts";
import { GROUP_BYTES } from "../limits.ts";
import { ColumnEncoder } from "./column-encoder.ts";
import { RAW, type SplitLines } from "./template-table.ts";
import type { TextColumn } from "./text-column.ts";
import { readColumnHeader, skimColumnHeader, type ColumnHeader } from "./variable-column.ts";

export interface EncodedTemplates {
  /** The part's numbers of the block's templates, ascending. */
  readonly templates: Uint32Array;
  readonly directory: Uint8Array;
  readonly rows: Uint8Array;
  readonly groups: readonly Uint8Array[];
}

export class BlockEncoder {
  readonly #columns = new ColumnEncoder();

  encode({ bytes }: TextColumn, split: SplitLines): EncodedTemplates {
    const { templates: templateOf, firstVariable, starts, ends } = split;
    const lines = templateOf.length;
    const { templates, localOf, counts } = numberTemplates(templateOf);
    for (let t = 1; t < counts.length; t++) counts[t]! += counts[t - 1]!;
    const firsts = new Uint32Array(lines);
    const next = counts.slice();
    for (let i = 0; i < lines; i++) firsts[next[localOf[i]!]!++] = firstVariable[i]!;

    const directory = new ByteWriter(4096);
    const payload = new ByteWriter(2 * GROUP_BYTES);
    const groups: Uint8Array[] = [];
    directory.varint(templates.length);
    for (let t = 0; t < templates.length; t++) {
      const of = firsts.subarray(counts[t], counts[t + 1]);
      const slots = split.slotsOf(templates[t]!);
      directory.varint(of.length);
      directory.varint(slots);
      for (let slot = 0; slot < slots; slot++) {
        const values = { bytes, starts, ends, firsts: of, slot };
        if (templates[t] === RAW) this.#columns.encodeWhole(values, directory, payload);
        else this.#columns.encode(values, directory, payload);
      }
      const isLast = t === templates.length - 1;
      const closes = payload.length >= GROUP_BYTES || (isLast && payload.length > 0);
      directory.u8(closes ? 1 : 0);
      if (!closes) continue;
      groups.push(payload.written().slice());
      payload.clear();
    }
    return { templates, directory: directory.written(), rows: encodeRows(localOf, templates.length), groups };
  }

  /** The directory of a block that is kept plain: how many lines each template has, and no columns. */
  encodeCounts({ templates: templateOf }: SplitLines): Uint8Array {
    const { templates, counts } = numberTemplates(templateOf);
    const directory = new ByteWriter(1024);
    directory.varint(templates.length);
    for (let t = 0; t < templates.length; t++) {
      directory.varint(counts[t + 1]!);
      directory.varint(0);
      directory.u8(0);
    }
    return directory.written();
  }
}

/** The block's templates, the number in the block of each line's, and in counts[t + 1] the lines of t. */
function numberTemplates(templateOf: Uint32Array): {
  templates: Uint32Array;
  localOf: Uint16Array;
  counts: Uint32Array;
} {
  const templates = Uint32Array.from(new Set(templateOf)).sort();
  const local = new Uint16Array((templates.at(-1) ?? 0) + 1);
  templates.forEach((template, t) => (local[template] = t));
  const localOf = new Uint16Array(templateOf.length);
  const counts = new Uint32Array(templates.length + 1);
  for (let i = 0; i < templateOf.length; i++) {
    const t = local[templateOf[i]!]!;
    localOf[i] = t;
    counts[t + 1]!++;
  }
  return { templates, localOf, counts };
}

/** A byte a line, or where there are more templates, all low bytes and then all high ones. */
function encodeRows(localOf: Uint16Array, templates: number): Uint8Array {
  const lines = localOf.length;
  const rows = new Uint8Array(templates > 256 ? 2 * lines : lines);
  for (let i = 0; i < lines; i++) {
    rows[i] = localOf[i]! & 255;
    if (templates > 256) rows[lines + i] = localOf[i]! >>> 8;
  }
  return rows;
}

/** The template of each line as its number in the block. Throws CORRUPT_DATA. */
export function decodeRows(bytes: Uint8Array, lines: number, templates: number, what: string): Uint16Array {
  const isWide = templates > 256;
  if (bytes.length !== (isWide ? 2 * lines : lines))
    throw corrupt(what, `it has ${bytes.length} bytes for ${lines} lines`);
  const rows = new Uint16Array(lines);
  for (let i = 0; i < lines; i++) {
    const row = isWide ? bytes[i]! | (bytes[lines + i]! << 8) : bytes[i]!;
    if (row >= templates) throw corrupt(what, `line ${i} has template ${row} of ${templates}`);
    rows[i] = row;
  }
  return rows;
}

export interface DirectoryEntry {
  readonly lines: number;
  readonly columns: readonly ColumnHeader[];
  /** Which group its payloads lie in, and where in it each column's begins. */
  readonly group: number;
  readonly places: readonly number[];
}

/**
 * Headers stay packed until a template's are asked for: a part has so many that as objects they would
 * take more memory than all else that a search keeps. Unpacked is only what a search asks of every column:
 * which bytes its values may have.
 */
export class BlockDirectory {
  /** Lines of each template. */
  readonly lines: Uint32Array;
  /** Columns of template t are [firstColumn[t], firstColumn[t + 1]). */
  readonly firstColumn: Uint32Array;
  /** For each column the bytes that may occur in its values, see maskOf. */
  readonly masks: Uint32Array;
  /** Bytes of each group, unpacked. */
  readonly groupBytes: readonly number[];
  readonly #bytes: Uint8Array;
  readonly #what: string;
  /**
   * Where the headers of each template begin, which group it is in, and where its payloads begin there.
   */
  readonly #places: Uint32Array;
  readonly #groups: Uint16Array;
  readonly #offsets: Uint32Array;

  /** Throws CORRUPT_DATA. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
    const reader = new ByteReader(bytes, what);
    const count = reader.count(3);
    this.lines = new Uint32Array(count);
    this.firstColumn = new Uint32Array(count + 1);
    this.#places = new Uint32Array(count);
    this.#groups = new Uint16Array(count);
    this.#offsets = new Uint32Array(count);
    const groupBytes: number[] = [];
    // A header has at least a byte of kind and one of its prefix's length.
    let masks = new Uint32Array(Math.min(bytes.length >>> 1, 16 * count));
    let at = 0;
    let offset = 0;
    for (let t = 0; t < count; t++) {
      this.lines[t] = reader.varint();
      const columns = reader.count(2);
      this.#places[t] = reader.at;
      this.#groups[t] = groupBytes.length;
      this.#offsets[t] = offset;
      if (at + columns > masks.length) {
        const grown = new Uint32Array(2 * (at + columns));
        grown.set(masks);
        masks = grown;
      }
      for (let column = 0; column < columns; column++) {
        const { mask, payloadBytes } = skimColumnHeader(reader, bytes, what);
        masks[at++] = mask;
        offset += payloadBytes;
      }
      this.firstColumn[t + 1] = at;
      if (reader.u8() === 0) continue;
      groupBytes.push(offset);
      offset = 0;
    }
    if (reader.left !== 0 || offset !== 0) throw corrupt(what, "it does not end with its last template");
    this.masks = masks.slice(0, at);
    this.groupBytes = groupBytes;
  }

  get templates(): number {
    return this.lines.length;
  }

  columnCount(t: number): number {
    return this.firstColumn[t + 1]! - this.firstColumn[t]!;
  }

  /** Roughly what it takes in memory. */
  get byteLength(): number {
    return this.#bytes.length + this.masks.byteLength + 18 * this.templates + 500;
  }

  entry(t: number): DirectoryEntry {
    const reader = new ByteReader(this.#bytes, this.#what);
    reader.at = this.#places[t]!;
    const columns: ColumnHeader[] = [];
    const places: number[] = [];
    let at = this.#offsets[t]!;
    for (let column = this.columnCount(t); column > 0; column--) {
      const header = readColumnHeader(reader, this.#what);
      columns.push(header);
      places.push(at);
      at += header.payloadBytes;
    }
    return { lines: this.lines[t]!, columns, group: this.#groups[t]!, places };
  }
}
