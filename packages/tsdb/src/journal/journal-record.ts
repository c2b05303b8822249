/**
 * What a journal's records say, as bytes. A record is what one commit wrote: a checksum, then operations.
 *
 *     record     u32 crc32 of the rest │ u32 bytes after this │ u32 number │ operation …
 *     NOTHING 0  (fills up)
 *     SERIES 1   varint slot │ f64 time of its newest sample (−Infinity: none) │ varint texts │ text …
 *     GROUP 2    varint group │ text name
 *     LAYOUT 3   varint layout │ varint group │ varint count │ zigzag difference of slots …
 *     ROW 8      varint layout │ varint count │ f64 time │ u8 has start times │ 8 bytes × count
 *                │ start times: f64 × count
 *     LATE 5     varint slot │ f64 time │ 8 bytes value │ f64 start
 *     HISTOGRAM 6 varint slot │ f64 time │ f64 start │ varint length │ bytes (codec/histogram.ts)
 *     EXEMPLAR 7 varint slot │ f64 time │ 8 bytes value │ varint texts │ text …
 *
 * Slots, groups and layouts are numbers that mean something within one journal only, and are written down in
 * it before they are used. A damaged record costs what it says and nothing of the others: rows stand for
 * themselves, and what a record introduces (1, 2, 3) is said again at the beginning of the next. Records that
 * introduce something are filled up, so that LMDB gives each pages of its own: small ones share a page, and
 * are moved about.
 *
 * Format 1 had records without bytes and number, and rows that held only what had changed since the row of
 * the same layout before it; both are still read:
 *
 *     ROW 4      varint layout │ f64 time │ u8 has start times │ changed: a bit a value, the lowest first
 *                │ 8 bytes of each changed value │ start times: f64 × count
 */
import { crc32 } from "node:zlib";
import { Labels } from "@binnacle/model";
import { ByteReader, ByteWriter } from "../bytes.ts";
import type { PlacedRow } from "../head/generation.ts";
import { LABELS_PER_SERIES_MAX } from "../limits.ts";

const NOTHING = 0;
const SERIES = 1;
const GROUP = 2;
const LAYOUT = 3;
const ROW_OF_CHANGES = 4;
const LATE = 5;
const HISTOGRAM = 6;
const EXEMPLAR = 7;
const ROW = 8;

/** Checksum, bytes and number. */
export const RECORD_HEADER_BYTES = 12;

/** More than half of a page of 4 KB: LMDB puts such a value into pages of its own. */
const OWN_PAGE_BYTES = 2048;

/** Layouts remembered for a group; a sender with more patterns than this writes its layouts again. */
const LAYOUTS_PER_GROUP_MAX = 64;

interface Layout {
  readonly id: number;
  readonly slots: Uint32Array;
}

interface GroupState {
  readonly id: number;
  readonly layouts: Layout[];
}

/** Where the encoder learns of a series that its journal does not know yet. */
export interface SeriesFacts {
  labelsOf(slot: number): Labels;
  /** Time of its newest sample before this journal began. */
  lastTimeOf(slot: number): number;
}

/** Encodes the operations of one journal. */
export class RecordEncoder {
  readonly #writer: ByteWriter;
  readonly #facts: SeriesFacts;
  readonly #groups = new Map<string, GroupState>();
  #isKnown = new Uint8Array(1024);
  #layouts = 0;
  /** What the record in the making introduces, for the next one to say again. */
  readonly #introduced = new ByteWriter();
  /** Whether the record in the making introduces anything, or says so again. */
  #introduces = false;

  constructor(writer: ByteWriter, facts: SeriesFacts) {
    this.#writer = writer;
    this.#facts = facts;
  }

  row(row: PlacedRow): void {
    this.#begin();
    const writer = this.#writer;
    const layout = this.#layout(row);
    writer.u8(ROW);
    writer.varint(layout.id);
    writer.varint(row.count);
    writer.f64(row.timeMs);
    writer.u8(row.startTimes === undefined ? 0 : 1);
    writer.raw(row.words.subarray(0, 2 * row.count));
    if (row.startTimes !== undefined) writer.raw(row.startTimes.subarray(0, row.count));
  }

  late(slot: number, timeMs: number, low: number, high: number, startMs: number): void {
    this.#begin();
    this.#introduce(slot);
    const writer = this.#writer;
    writer.u8(LATE);
    writer.varint(slot);
    writer.f64(timeMs);
    writer.u32(low);
    writer.u32(high);
    writer.f64(startMs);
  }

  histogram(slot: number, timeMs: number, bytes: Uint8Array, startMs: number): void {
    this.#begin();
    this.#introduce(slot);
    const writer = this.#writer;
    writer.u8(HISTOGRAM);
    writer.varint(slot);
    writer.f64(timeMs);
    writer.f64(startMs);
    writer.varint(bytes.length);
    writer.bytes(bytes);
  }

  exemplar(slot: number, exemplar: { labels: Labels; timeMs: number; low: number; high: number }): void {
    this.#begin();
    this.#introduce(slot);
    const writer = this.#writer;
    writer.u8(EXEMPLAR);
    writer.varint(slot);
    writer.f64(exemplar.timeMs);
    writer.u32(exemplar.low);
    writer.u32(exemplar.high);
    writeLabels(writer, exemplar.labels);
  }

  /** What there is becomes a record: call it before that is taken from the writer. */
  endRecord(): void {
    const writer = this.#writer;
    if (this.#introduces) while (writer.length < OWN_PAGE_BYTES) writer.u8(NOTHING);
    this.#introduces = false;
  }

  /** Where a record begins, says again what the one before it introduced. */
  #begin(): void {
    if (this.#writer.length > 0 || this.#introduced.length === 0) return;
    this.#writer.bytes(this.#introduced.view());
    this.#introduced.clear();
    this.#introduces = true;
  }

  /** Marks what was written from `start` on as introduced here. */
  #noteIntroduced(start: number): void {
    this.#introduces = true;
    this.#introduced.bytes(this.#writer.view().subarray(start));
  }

  #layout(row: PlacedRow): Layout {
    let group = this.#groups.get(row.group);
    if (group === undefined) {
      group = { id: this.#groups.size, layouts: [] };
      this.#groups.set(row.group, group);
      const start = this.#writer.length;
      this.#writer.u8(GROUP);
      this.#writer.varint(group.id);
      this.#writer.text(row.group);
      this.#noteIntroduced(start);
    }
    const known = group.layouts.find((layout) => isSame(layout.slots, row.slots, row.count));
    if (known !== undefined) return known;
    for (let i = 0; i < row.count; i++) this.#introduce(row.slots[i]!);
    const slots = row.slots.slice(0, row.count);
    const layout = { id: this.#layouts++, slots };
    if (group.layouts.length < LAYOUTS_PER_GROUP_MAX) group.layouts.unshift(layout);
    const writer = this.#writer;
    const start = writer.length;
    writer.u8(LAYOUT);
    writer.varint(layout.id);
    writer.varint(group.id);
    writer.varint(row.count);
    let previous = 0;
    for (const slot of layout.slots) {
      writer.zigzag(slot - previous);
      previous = slot;
    }
    this.#noteIntroduced(start);
    return layout;
  }

  #introduce(slot: number): void {
    if (slot >= this.#isKnown.length) {
      const grown = new Uint8Array(Math.max(slot + 1, this.#isKnown.length * 2));
      grown.set(this.#isKnown);
      this.#isKnown = grown;
    }
    if (this.#isKnown[slot] === 1) return;
    this.#isKnown[slot] = 1;
    const start = this.#writer.length;
    this.#writer.u8(SERIES);
    this.#writer.varint(slot);
    this.#writer.f64(this.#facts.lastTimeOf(slot));
    writeLabels(this.#writer, this.#facts.labelsOf(slot));
    this.#noteIntroduced(start);
  }
}

/** Puts checksum, length and number before the operations: what LMDB keeps. */
export function sealRecord(operations: Uint8Array, number: number): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(RECORD_HEADER_BYTES + operations.length);
  record.set(operations, RECORD_HEADER_BYTES);
  const view = new DataView(record.buffer);
  view.setUint32(4, 4 + operations.length, true);
  view.setUint32(8, number, true);
  view.setUint32(0, crc32(record.subarray(4)), true);
  return record;
}

/**
 * What the first bytes of a record claim: its number, and its bytes in all. Format 1 claims nothing that
 * could be told apart, so only a checksum that matches makes it true.
 */
export function recordClaim(bytes: Uint8Array): { number: number; bytes: number } | undefined {
  if (bytes.length < RECORD_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { number: view.getUint32(8, true), bytes: 8 + view.getUint32(4, true) };
}

/** Where the operations of a record begin; undefined when it is damaged, or is another's. */
export function operationsAt(record: Uint8Array, number: number): number | undefined {
  if (record.length < 4) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  if (view.getUint32(0, true) !== crc32(record.subarray(4))) return undefined;
  const claim = recordClaim(record);
  if (claim === undefined || claim.bytes !== record.length) return 4;
  return claim.number === number ? RECORD_HEADER_BYTES : undefined;
}

/** What a replay does with each operation. Slots are the journal's own numbers. */
export interface RecordHandler {
  series(slot: number, labels: Labels, lastTimeMs: number): void;
  row(
    group: string,
    timeMs: number,
    slots: Uint32Array,
    words: Uint32Array,
    startTimes: Float64Array | undefined,
  ): void;
  late(slot: number, timeMs: number, low: number, high: number, startMs: number): void;
  histogram(slot: number, timeMs: number, bytes: Uint8Array, startMs: number): void;
  exemplar(slot: number, exemplar: { labels: Labels; timeMs: number; low: number; high: number }): void;
}

interface DecodedLayout extends Layout {
  readonly group: string;
  /**
   * Values of its newest row of changes, two words each; undefined where a lost record may have changed
   * them.
   */
  words: Uint32Array | undefined;
}

/** Decodes the records of one journal, in order. */
export class RecordDecoder {
  readonly #handler: RecordHandler;
  readonly #groups = new Map<number, string>();
  readonly #layouts = new Map<number, DecodedLayout>();
  #hasLost = false;
  /** Samples of rows that could not be read, since what they need was in a damaged record. */
  samplesLost = 0;

  constructor(handler: RecordHandler) {
    this.#handler = handler;
  }

  /**
   * Hands on what a record says. Throws CORRUPT_DATA that begins with `place`, before anything is handed on
   * if its checksum fails.
   */
  decode(record: Uint8Array, number: number, place: string): void {
    const start = operationsAt(record, number);
    const reader = new ByteReader(record, place, start);
    if (start === undefined) reader.fail("checksum does not match");
    while (!reader.isAtEnd) this.#decodeOperation(reader);
  }

  /** Says that a record is missing here. */
  skip(): void {
    this.#hasLost = true;
    for (const layout of this.#layouts.values()) layout.words = undefined;
  }

  #decodeOperation(reader: ByteReader): void {
    const handler = this.#handler;
    const operation = reader.u8();
    switch (operation) {
      case NOTHING:
        return;
      case SERIES: {
        const slot = reader.varint();
        const lastTimeMs = reader.f64();
        return handler.series(slot, readLabels(reader), lastTimeMs);
      }
      case GROUP: {
        this.#groups.set(reader.varint(), reader.text());
        return;
      }
      case LAYOUT:
        return this.#decodeLayout(reader);
      case ROW:
        return this.#decodeRow(reader);
      case ROW_OF_CHANGES:
        return this.#decodeChanges(reader);
      case LATE:
        return handler.late(reader.varint(), reader.f64(), reader.u32(), reader.u32(), reader.f64());
      case HISTOGRAM: {
        const slot = reader.varint();
        const timeMs = reader.f64();
        const startMs = reader.f64();
        return handler.histogram(slot, timeMs, reader.bytes(reader.varint()), startMs);
      }
      case EXEMPLAR: {
        const slot = reader.varint();
        const facts = { timeMs: reader.f64(), low: reader.u32(), high: reader.u32() };
        return handler.exemplar(slot, { ...facts, labels: readLabels(reader) });
      }
      default:
        return reader.fail(`operation ${operation} is not known`);
    }
  }

  #decodeLayout(reader: ByteReader): void {
    const id = reader.varint();
    const group = this.#groups.get(reader.varint());
    if (group === undefined && !this.#hasLost) reader.fail("a layout of a group that was not introduced");
    const slots = new Uint32Array(reader.count(reader.length, "series of a row"));
    let previous = 0;
    for (let i = 0; i < slots.length; i++) slots[i] = previous += reader.zigzag();
    const words = new Uint32Array(2 * slots.length);
    // What is said again changes nothing.
    if (group !== undefined && !this.#layouts.has(id)) this.#layouts.set(id, { id, group, slots, words });
  }

  #decodeRow(reader: ByteReader): void {
    const layout = this.#layouts.get(reader.varint());
    const count = reader.count(reader.length, "values of a row");
    if (layout === undefined && !this.#hasLost) reader.fail("a row of a layout that was not introduced");
    if (layout !== undefined && layout.slots.length !== count)
      reader.fail(`${count} values of a layout of ${layout.slots.length}`);
    const timeMs = reader.f64();
    const hasStarts = reader.u8() === 1;
    // Copied, since views of words must stand at multiples of 4, and of doubles at those of 8.
    const words = new Uint32Array(reader.bytes(count * 8).slice().buffer);
    const starts = hasStarts ? new Float64Array(reader.bytes(count * 8).slice().buffer) : undefined;
    if (layout === undefined) this.samplesLost += count;
    else this.#handler.row(layout.group, timeMs, layout.slots, words, starts);
  }

  #decodeChanges(reader: ByteReader): void {
    const layout = this.#layouts.get(reader.varint());
    if (layout === undefined) return reader.fail("a row of a layout that was not introduced");
    const { slots, group } = layout;
    const timeMs = reader.f64();
    const hasStarts = reader.u8() === 1;
    const words = layout.words ?? new Uint32Array(2 * slots.length);
    readChanged(reader, words);
    const starts = hasStarts ? new Float64Array(reader.bytes(slots.length * 8).slice().buffer) : undefined;
    if (layout.words === undefined) this.samplesLost += slots.length;
    else this.#handler.row(group, timeMs, slots, words, starts);
  }
}
/** Which values differ from `words`, and those; `words` then has them. */
function readChanged(reader: ByteReader, words: Uint32Array): void {
  const count = words.length / 2;
  const bits = reader.bytes((count + 7) >>> 3);
  for (let i = 0; i < count; i++) {
    if (((bits[i >>> 3]! >>> (i & 7)) & 1) === 0) continue;
    words[2 * i] = reader.u32();
    words[2 * i + 1] = reader.u32();
  }
}

function writeLabels(writer: ByteWriter, labels: Labels): void {
  writer.varint(labels.pairs.length);
  for (const text of labels.pairs) writer.text(text);
}

function readLabels(reader: ByteReader): Labels {
  const count = reader.count(LABELS_PER_SERIES_MAX * 2, "label texts");
  const pairs: string[] = [];
  for (let i = 0; i < count; i++) pairs.push(reader.text());
  return Labels.fromSortedPairs(pairs);
}

function isSame(known: Uint32Array, slots: Uint32Array, count: number): boolean {
  if (known.length !== count) return false;
  for (let i = 0; i < count; i++) if (known[i] !== slots[i]) return false;
  return true;
}
