/**
 * Label sets in shared memory: written by the head, read by query and maintenance threads.
 *
 *     text        [u32 length][UTF-8 bytes …]
 *     label set   [u32 pairs][u32 name, u32 value] × pairs      (addresses of texts, names ascending)
 *
 * The address of a label set is its identity as long as the table lives: equal sets have equal addresses.
 */
import { BinnacleError, Labels } from "@binnacle/model";
import { decodeText } from "../bytes.ts";
import { LABEL_BYTES_MAX, LABEL_CACHE_ENTRIES_MAX, LABELS_PER_SERIES_MAX } from "../limits.ts";
import { offsetOf, segmentOf, SharedArena } from "./arena.ts";

const textEncoder = new TextEncoder();

export class LabelTableWriter {
  readonly arena = new SharedArena();
  readonly #texts = new Map<string, number>();

  constructor() {
    // Address 0 means nothing, so that zeroed memory names no label set.
    this.arena.allocate(8);
  }

  /** Address of a text, which is stored if it is new. Throws BAD_LABELS when it is too long. */
  text(value: string): number {
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    const encoded = textEncoder.encode(value);
    if (encoded.length > LABEL_BYTES_MAX) {
      throw new BinnacleError(
        "BAD_LABELS",
        `a label of ${encoded.length} bytes is over the limit of ${LABEL_BYTES_MAX}: ${JSON.stringify(value.slice(0, 80))}…`,
      );
    }
    const address = this.arena.allocateUnit(4 + encoded.length);
    const segment = this.arena.segments[segmentOf(address)]!;
    new Uint32Array(segment, offsetOf(address), 1)[0] = encoded.length;
    new Uint8Array(segment, offsetOf(address) + 4, encoded.length).set(encoded);
    this.#texts.set(value, address);
    return address;
  }

  /** Address of a text that is already stored. */
  findText(value: string): number | undefined {
    return this.#texts.get(value);
  }

  /** Stores a label set, given as addresses of its texts: name, value, name, value, …. */
  labelSet(texts: Uint32Array): number {
    const address = this.arena.allocateUnit(4 + texts.byteLength);
    const words = new Uint32Array(
      this.arena.segments[segmentOf(address)]!,
      offsetOf(address),
      texts.length + 1,
    );
    words[0] = texts.length / 2;
    words.set(texts, 1);
    return address;
  }

  /** Throws BAD_LABELS; fills `target` with the addresses of the set's texts and returns their number. */
  resolve(labels: Labels, target: Uint32Array): number {
    const { pairs } = labels;
    if (pairs.length > LABELS_PER_SERIES_MAX * 2) {
      throw new BinnacleError(
        "BAD_LABELS",
        `a series of ${pairs.length / 2} labels is over the limit of ${LABELS_PER_SERIES_MAX}: ${labels.toString().slice(0, 200)}`,
      );
    }
    for (let i = 0; i < pairs.length; i++) target[i] = this.text(pairs[i]!);
    return pairs.length;
  }
}

export class LabelTableReader {
  readonly #segments: readonly SharedArrayBuffer[];
  readonly #words: Uint32Array[] = [];
  readonly #texts = new Map<number, string>();
  readonly #sets = new Map<number, Labels>();

  /** `segments` may grow while the reader lives. */
  constructor(segments: readonly SharedArrayBuffer[]) {
    this.#segments = segments;
  }

  /** The words of a label set: the number of pairs, then the texts' addresses. */
  words(address: number): Uint32Array {
    const segment = segmentOf(address);
    const words = (this.#words[segment] ??= new Uint32Array(this.#segments[segment]!));
    const at = offsetOf(address) / 4;
    return words.subarray(at, at + 1 + words[at]! * 2);
  }

  text(address: number): string {
    const known = this.#texts.get(address);
    if (known !== undefined) return known;
    const text = this.#decode(address);
    if (this.#texts.size >= LABEL_CACHE_ENTRIES_MAX) this.#texts.clear();
    this.#texts.set(address, text);
    return text;
  }

  /**
   * A label set that nobody keeps: for whoever asks once, so that what is kept is what is asked for again.
   */
  labelsOnce(address: number): Labels {
    const words = this.words(address);
    const pairs: string[] = [];
    for (let i = 1; i < words.length; i++) pairs.push(this.#decode(words[i]!));
    return Labels.fromSortedPairs(pairs);
  }

  /** The same of a text. */
  textOnce(address: number): string {
    return this.#decode(address);
  }

  labels(address: number): Labels {
    const known = this.#sets.get(address);
    if (known !== undefined) return known;
    const words = this.words(address);
    const pairs: string[] = [];
    for (let i = 1; i < words.length; i++) pairs.push(this.text(words[i]!));
    const labels = Labels.fromSortedPairs(pairs);
    if (this.#sets.size >= LABEL_CACHE_ENTRIES_MAX) this.#sets.clear();
    this.#sets.set(address, labels);
    return labels;
  }

  #decode(address: number): string {
    const segment = segmentOf(address);
    const words = (this.#words[segment] ??= new Uint32Array(this.#segments[segment]!));
    const offset = offsetOf(address);
    return decodeText(new Uint8Array(this.#segments[segment]!, offset + 4, words[offset / 4]));
  }
}
