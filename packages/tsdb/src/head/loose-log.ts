/**
 * Samples that stand in no row: late ones, those with times of their own, histograms, and changes of start
 * times. A log of records in shared memory, chained backwards series by series; a record never changes once
 * it is written.
 *
 *     record (32 bytes)
 *     ┌──────────────┬──────────┬────────────┬───────────────────────────────────┬─────────────┐
 *     │ u32 previous │ u32 kind │ f64 timeMs │ value: two words, or segment and  │ f64 startMs │
 *     │ record + 1   │          │            │ offset of a histogram's bytes     │             │
 *     └──────────────┴──────────┴────────────┴───────────────────────────────────┴─────────────┘
 *
 * A start record says: from this time on, samples in rows have this start time.
 */
import { LOOSE_CHUNK_RECORDS } from "../limits.ts";
import type { Allocation, SharedArena } from "./arena.ts";

export const LOOSE_FLOAT = 0;
export const LOOSE_HISTOGRAM = 1;
export const LOOSE_START = 2;

const RECORD_BYTES = 32;
const RECORD_WORDS = RECORD_BYTES / 4;

export class LooseLog {
  readonly #arena: SharedArena;
  /** segment, offset, segment, offset, … of the chunks. */
  readonly chunks: number[] = [];
  #words: Uint32Array = new Uint32Array(0);
  #doubles: Float64Array = new Float64Array(0);
  count = 0;

  constructor(arena: SharedArena) {
    this.#arena = arena;
  }

  /** Appends a record and returns its number plus one: the head of its series' chain. */
  append(record: {
    previous: number;
    kind: number;
    timeMs: number;
    low: number;
    high: number;
    startMs: number;
  }): number {
    const i = this.count % LOOSE_CHUNK_RECORDS;
    if (i === 0) this.#openChunk();
    const word = i * RECORD_WORDS;
    this.#words[word] = record.previous;
    this.#words[word + 1] = record.kind;
    this.#doubles[word / 2 + 1] = record.timeMs;
    this.#words[word + 4] = record.low;
    this.#words[word + 5] = record.high;
    this.#doubles[word / 2 + 3] = record.startMs;
    return ++this.count;
  }

  /** Stores a histogram's bytes: what a histogram record's two words say. */
  storeBytes(bytes: Uint8Array): Allocation {
    const place = this.#arena.allocate(4 + bytes.length);
    const segment = this.#arena.segments[place.segment]!;
    new Uint32Array(segment, place.offset, 1)[0] = bytes.length;
    new Uint8Array(segment, place.offset + 4, bytes.length).set(bytes);
    return place;
  }

  #openChunk(): void {
    const bytes = LOOSE_CHUNK_RECORDS * RECORD_BYTES;
    const { segment, offset } = this.#arena.allocate(bytes);
    this.chunks.push(segment, offset);
    this.#words = new Uint32Array(this.#arena.segments[segment]!, offset, bytes / 4);
    this.#doubles = new Float64Array(this.#arena.segments[segment]!, offset, bytes / 8);
  }
}

export interface LooseRecord {
  readonly kind: number;
  readonly timeMs: number;
  readonly low: number;
  readonly high: number;
  readonly startMs: number;
}

/** The records of one chain, newest first. */
export function* readLooseChain(
  segments: readonly SharedArrayBuffer[],
  chunks: ArrayLike<number>,
  head: number,
): IterableIterator<LooseRecord> {
  let next = head;
  while (next !== 0) {
    const chunk = Math.floor((next - 1) / LOOSE_CHUNK_RECORDS);
    const offset = chunks[2 * chunk + 1]! + ((next - 1) % LOOSE_CHUNK_RECORDS) * RECORD_BYTES;
    const segment = segments[chunks[2 * chunk]!]!;
    const words = new Uint32Array(segment, offset, RECORD_WORDS);
    const doubles = new Float64Array(segment, offset, RECORD_WORDS / 2);
    yield { kind: words[1]!, timeMs: doubles[1]!, low: words[4]!, high: words[5]!, startMs: doubles[3]! };
    next = words[0]!;
  }
}

/** The bytes a histogram record points at. */
export function histogramBytes(segments: readonly SharedArrayBuffer[], record: LooseRecord): Uint8Array {
  const segment = segments[record.low]!;
  const length = new Uint32Array(segment, record.high, 1)[0]!;
  return new Uint8Array(segment, record.high + 4, length);
}
