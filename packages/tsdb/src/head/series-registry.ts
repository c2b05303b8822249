/**
 * The series of the head: which label set has which ref, and what each series said last.
 *
 *     ref = epoch (8 bits) | slot (24 bits)
 *
 * A slot whose series has left the head is used again under the next epoch, so that a ref somebody kept is
 * known to be stale and never names another series; a slot whose epochs are used up is left empty for good.
 */
import { BinnacleError, type Labels, type SeriesRef } from "@binnacle/model";
import { HEAD_SLOTS_MAX, LABELS_PER_SERIES_MAX } from "../limits.ts";
import { LabelTableReader, LabelTableWriter } from "./label-table.ts";
import { grownF64, grownU32, U32List } from "./u32-list.ts";

const SLOT_BITS = 24;
const SLOT_MASK = 2 ** SLOT_BITS - 1;
const EPOCH_LAST = 255;

/** `lastTime` of a series that has said nothing since it was registered: blocks may know more. */
export const NO_TIME: number = Number.NEGATIVE_INFINITY;

/** Slots by value address, by name address. */
type Postings = Map<number, Map<number, U32List>>;

export class SeriesRegistry {
  readonly #seriesMax: number;
  /** Counts the tables there have been. */
  tableNumber = 1;
  #writer = new LabelTableWriter();
  #reader = new LabelTableReader(this.#writer.arena.segments);
  #address = new Uint32Array(1024);
  #epoch = new Uint8Array(1024);
  /** Time of each slot's newest sample, Unix ms. */
  lastTime: Float64Array<ArrayBuffer> = new Float64Array(1024);
  #slotsUsed = 0;
  #free: number[] = [];
  #table = new Uint32Array(4096);
  #live = 0;
  #postings: Postings = new Map();
  readonly #scratch = new Uint32Array(LABELS_PER_SERIES_MAX * 2);

  constructor(seriesMax: number) {
    this.#seriesMax = Math.min(seriesMax, HEAD_SLOTS_MAX);
  }

  get seriesCount(): number {
    return this.#live;
  }

  /** One past the highest slot ever used. */
  get slotsUsed(): number {
    return this.#slotsUsed;
  }

  /** Shared memory of the label sets; grows. */
  get segments(): readonly SharedArrayBuffer[] {
    return this.#writer.arena.segments;
  }

  get labelBytes(): number {
    return this.#writer.arena.bytesUsed;
  }

  get postings(): ReadonlyMap<number, ReadonlyMap<number, U32List>> {
    return this.#postings;
  }

  get labelTable(): LabelTableReader {
    return this.#reader;
  }

  /** The slot a ref names, or −1 when its series is gone. */
  slotOf(ref: SeriesRef): number {
    const slot = ref & SLOT_MASK;
    return slot < this.#slotsUsed && this.#epoch[slot] === ref >>> SLOT_BITS && this.#address[slot] !== 0
      ? slot
      : -1;
  }

  /** Address of a slot's label set; 0 where there is no series. */
  addressOf(slot: number): number {
    return this.#address[slot]!;
  }

  labelsOf(slot: number): Labels {
    return this.#reader.labelsOnce(this.#address[slot]!);
  }

  findText(text: string): number | undefined {
    return this.#writer.findText(text);
  }

  refOf(slot: number): SeriesRef {
    return ((this.#epoch[slot]! << SLOT_BITS) | slot) >>> 0;
  }

  /** The ref of a label set, registered if it is new. Throws LIMIT_EXCEEDED, BAD_LABELS. */
  series(labels: Labels): SeriesRef {
    const count = this.#writer.resolve(labels, this.#scratch);
    const texts = this.#scratch.subarray(0, count);
    const mask = this.#table.length - 1;
    let at = hash(texts) & mask;
    for (let entry = this.#table[at]!; entry !== 0; entry = this.#table[at]!) {
      if (this.#sameSet(entry - 1, texts)) return this.refOf(entry - 1);
      at = (at + 1) & mask;
    }
    if (this.#live >= this.#seriesMax) {
      throw new BinnacleError(
        "LIMIT_EXCEEDED",
        `the head has ${this.#live} series, which is its limit (headSeriesMax): ${labels.toString().slice(0, 200)} was not added`,
      );
    }
    const slot = this.#takeSlot();
    this.#address[slot] = this.#writer.labelSet(texts);
    this.lastTime[slot] = NO_TIME;
    this.#table[at] = slot + 1;
    this.#live++;
    if (this.#live * 2 > this.#table.length) this.#rebuildTable();
    this.#addPostings(slot, texts);
    return this.refOf(slot);
  }

  /** Lets go of every series whose slot `keep` does not hold. Refs to them are unknown from here on. */
  retain(keep: (slot: number) => boolean): void {
    let dropped = 0;
    for (let slot = 0; slot < this.#slotsUsed; slot++) {
      if (this.#address[slot] === 0 || keep(slot)) continue;
      this.#address[slot] = 0;
      dropped++;
      if (this.#epoch[slot]! < EPOCH_LAST) {
        this.#epoch[slot]!++;
        this.#free.push(slot);
      }
    }
    if (dropped === 0) return;
    this.#live -= dropped;
    this.#rewriteLabels();
    this.#rebuildTable();
  }

  /**
   * Label sets of what is left, in a table of their own: the dead ones' texts go with the old one's last
   * reader.
   */
  #rewriteLabels(): void {
    const old = this.#reader;
    this.tableNumber++;
    this.#writer = new LabelTableWriter();
    this.#reader = new LabelTableReader(this.#writer.arena.segments);
    this.#postings = new Map();
    for (let slot = 0; slot < this.#slotsUsed; slot++) {
      if (this.#address[slot] === 0) continue;
      const words = old.words(this.#address[slot]!);
      const texts = this.#scratch.subarray(0, words.length - 1);
      for (let i = 0; i < texts.length; i++) texts[i] = this.#writer.text(old.text(words[i + 1]!));
      this.#address[slot] = this.#writer.labelSet(texts);
      this.#addPostings(slot, texts);
    }
  }

  #rebuildTable(): void {
    let size = 4096;
    while (size < this.#live * 3) size *= 2;
    this.#table = new Uint32Array(size);
    for (let slot = 0; slot < this.#slotsUsed; slot++) {
      if (this.#address[slot] === 0) continue;
      let at = hash(this.#reader.words(this.#address[slot]!).subarray(1)) & (size - 1);
      while (this.#table[at] !== 0) at = (at + 1) & (size - 1);
      this.#table[at] = slot + 1;
    }
  }

  #sameSet(slot: number, texts: Uint32Array): boolean {
    const words = this.#reader.words(this.#address[slot]!);
    if (words.length !== texts.length + 1) return false;
    for (let i = 0; i < texts.length; i++) if (words[i + 1] !== texts[i]) return false;
    return true;
  }

  #takeSlot(): number {
    const reused = this.#free.shift();
    if (reused !== undefined) return reused;
    const slot = this.#slotsUsed++;
    if (slot >= this.#address.length) {
      this.#address = grownU32(this.#address, slot + 1);
      this.lastTime = grownF64(this.lastTime, slot + 1);
      const epoch = new Uint8Array(this.#address.length);
      epoch.set(this.#epoch);
      this.#epoch = epoch;
    }
    return slot;
  }

  #addPostings(slot: number, texts: Uint32Array): void {
    for (let i = 0; i < texts.length; i += 2) {
      let values = this.#postings.get(texts[i]!);
      if (values === undefined) this.#postings.set(texts[i]!, (values = new Map()));
      let list = values.get(texts[i + 1]!);
      if (list === undefined) values.set(texts[i + 1]!, (list = new U32List()));
      list.push(slot);
    }
  }
}

function hash(texts: Uint32Array): number {
  let h = 0x9e3779b9;
  for (let i = 0; i < texts.length; i++) {
    h = Math.imul(h ^ texts[i]!, 0x85ebca6b);
    h ^= h >>> 13;
  }
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
