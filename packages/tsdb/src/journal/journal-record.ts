/**
 * What a journal's records say, as bytes. A record is what one commit wrote: a checksum, then operations.
 *
 *     record     u32 crc32 of the rest │ operation …
 *     SERIES 1   varint slot │ f64 time of its newest sample (−Infinity: none) │ varint texts │ text …
 *     GROUP 2    varint group │ text name
 *     LAYOUT 3   varint layout │ varint group │ varint count │ zigzag difference of slots …
 *     ROW 4      varint layout │ f64 time │ u8 has start times │ changed: a bit a value, the lowest first │
 *                8 bytes of each changed value │ start times: f64 × count
 *     LATE 5     varint slot │ f64 time │ 8 bytes value │ f64 start
 *     HISTOGRAM 6 varint slot │ f64 time │ f64 start │ varint length │ bytes (codec/histogram.ts)
 *     EXEMPLAR 7 varint slot │ f64 time │ 8 bytes value │ varint texts │ text …
 *
 * Slots, groups and layouts are numbers that mean something within one journal only, and are written down in
 * it before they are used. A row is most often written by the layout of the one before it, and holds only the
 * values that changed since that one (since 0 in the first): most series of an exporter stand still.
 */
import { crc32 } from "node:zlib";
import { Labels } from "@binnacle/model";
import type { ByteWriter } from "../bytes.ts";
import { ByteReader } from "../bytes.ts";
import type { PlacedRow } from "../head/generation.ts";
import { LABELS_PER_SERIES_MAX } from "../limits.ts";

const SERIES = 1;
const GROUP = 2;
const LAYOUT = 3;
const ROW = 4;
const LATE = 5;
const HISTOGRAM = 6;
const EXEMPLAR = 7;

/** Layouts remembered for a group; a sender with more patterns than this writes its layouts again. */
const LAYOUTS_PER_GROUP_MAX = 64;

interface Layout {
  readonly id: number;
  readonly slots: Uint32Array;
  /** Values of its newest row, two words each. */
  readonly words: Uint32Array;
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

  constructor(writer: ByteWriter, facts: SeriesFacts) {
    this.#writer = writer;
    this.#facts = facts;
  }

  row(row: PlacedRow): void {
    const writer = this.#writer;
    const layout = this.#layout(row);
    writer.u8(ROW);
    writer.varint(layout.id);
    writer.f64(row.timeMs);
    writer.u8(row.startTimes === undefined ? 0 : 1);
    writeChanged(writer, row.words, layout.words);
    if (row.startTimes !== undefined) writer.raw(row.startTimes.subarray(0, row.count));
  }

  late(slot: number, timeMs: number, low: number, high: number, startMs: number): void {
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
    this.#introduce(slot);
    const writer = this.#writer;
    writer.u8(EXEMPLAR);
    writer.varint(slot);
    writer.f64(exemplar.timeMs);
    writer.u32(exemplar.low);
    writer.u32(exemplar.high);
    writeLabels(writer, exemplar.labels);
  }

  #layout(row: PlacedRow): Layout {
    let group = this.#groups.get(row.group);
    if (group === undefined) {
      group = { id: this.#groups.size, layouts: [] };
      this.#groups.set(row.group, group);
      this.#writer.u8(GROUP);
      this.#writer.varint(group.id);
      this.#writer.text(row.group);
    }
    const known = group.layouts.find((layout) => isSame(layout.slots, row.slots, row.count));
    if (known !== undefined) return known;
    for (let i = 0; i < row.count; i++) this.#introduce(row.slots[i]!);
    const slots = row.slots.slice(0, row.count);
    const layout = { id: this.#layouts++, slots, words: new Uint32Array(2 * row.count) };
    if (group.layouts.length < LAYOUTS_PER_GROUP_MAX) group.layouts.unshift(layout);
    const writer = this.#writer;
    writer.u8(LAYOUT);
    writer.varint(layout.id);
    writer.varint(group.id);
    writer.varint(row.count);
    let previous = 0;
    for (const slot of layout.slots) {
      writer.zigzag(slot - previous);
      previous = slot;
    }
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
    this.#writer.u8(SERIES);
    this.#writer.varint(slot);
    this.#writer.f64(this.#facts.lastTimeOf(slot));
    writeLabels(this.#writer, this.#facts.labelsOf(slot));
  }
}

/** Puts the checksum before the operations: what LMDB keeps. */
export function sealRecord(operations: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(4 + operations.length);
  record.set(operations, 4);
  new DataView(record.buffer).setUint32(0, crc32(operations), true);
  return record;
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

/** Decodes the records of one journal, in order. */
export class RecordDecoder {
  readonly #handler: RecordHandler;
  readonly #groups = new Map<number, string>();
  readonly #layouts = new Map<number, Layout & { readonly group: string }>();

  constructor(handler: RecordHandler) {
    this.#handler = handler;
  }

  /**
   * Throws CORRUPT_DATA that begins with `place`, before anything of the record is handed on if its checksum
   * fails.
   */
  decode(record: Uint8Array, place: string): void {
    const reader = new ByteReader(record, place);
    if (reader.u32() !== crc32(record.subarray(4))) reader.fail("checksum does not match");
    while (!reader.isAtEnd) this.#decodeOperation(reader);
  }

  #decodeOperation(reader: ByteReader): void {
    const handler = this.#handler;
    const operation = reader.u8();
    switch (operation) {
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
    if (group === undefined) return reader.fail("a layout of a group that was not introduced");
    const slots = new Uint32Array(reader.count(reader.length, "series of a row"));
    let previous = 0;
    for (let i = 0; i < slots.length; i++) slots[i] = previous += reader.zigzag();
    this.#layouts.set(id, { id, group, slots, words: new Uint32Array(2 * slots.length) });
  }

  #decodeRow(reader: ByteReader): void {
    const layout = this.#layouts.get(reader.varint());
    if (layout === undefined) return reader.fail("a row of a layout that was not introduced");
    const timeMs = reader.f64();
    const hasStarts = reader.u8() === 1;
    const { slots, group, words } = layout;
    readChanged(reader, words);
    // Copied, since views of doubles must stand at multiples of 8.
    const starts = hasStarts ? new Float64Array(reader.bytes(slots.length * 8).slice().buffer) : undefined;
    this.#handler.row(group, timeMs, slots, words, starts);
  }
}

/** Writes which values differ from `previous`, and those; `previous` then has them. */
function writeChanged(writer: ByteWriter, words: Uint32Array, previous: Uint32Array): void {
  const count = previous.length / 2;
  const bitsAt = writer.skip((count + 7) >>> 3);
  let bits = 0;
  for (let i = 0; i < count; i++) {
    const low = words[2 * i]!;
    const high = words[2 * i + 1]!;
    if (low !== previous[2 * i] || high !== previous[2 * i + 1]) {
      bits |= 1 << (i & 7);
      previous[2 * i] = low;
      previous[2 * i + 1] = high;
      writer.u32(low);
      writer.u32(high);
    }
    if ((i & 7) === 7 || i === count - 1) {
      writer.patchU8(bitsAt + (i >>> 3), bits);
      bits = 0;
    }
  }
}

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
