/**
 * Reading of a remote write request (1.0). The kernel takes series of labels and samples; the caller takes
 * every other field, and says where the kernel goes on.
 */
import { SCAN_SAMPLES, SCAN_SERIES, SCAN_WINDOW_BYTES } from "./limits.ts";
import { kernelModule } from "./module.ts";

/** Words of a hash of labels. */
export const HASH_WORDS = 4;

// The state block's words, as assembly/write-request.ts has them.
const AT = 0;
const END = 1;
const BIAS = 2;
const SERIES_MAX = 3;
const SAMPLES_MAX = 4;
const HASHES = 5;
const LABEL_STARTS = 6;
const LABEL_ENDS = 7;
const SAMPLE_ENDS = 8;
const TIMES = 9;
const VALUES = 10;
const SAMPLE_COUNT = 11;
const STOPPED_LABELS_END = 12;
const KEY = 14;

// Where everything lies, from the module's start on.
const STATE_AT = 0;
const MESSAGE_AT = 128;
const HASHES_AT = MESSAGE_AT + SCAN_WINDOW_BYTES + 64;
const LABEL_STARTS_AT = HASHES_AT + 4 * HASH_WORDS * (SCAN_SERIES + 1);
const LABEL_ENDS_AT = LABEL_STARTS_AT + 4 * SCAN_SERIES;
const SAMPLE_ENDS_AT = LABEL_ENDS_AT + 4 * SCAN_SERIES;
const TIMES_AT = SAMPLE_ENDS_AT + 4 * SCAN_SERIES;
const VALUES_AT = TIMES_AT + 8 * SCAN_SAMPLES;
const END_AT = VALUES_AT + 8 * SCAN_SAMPLES;

/** What one step found. Columns are views of the kernel's memory: good until any kernel is called again. */
export interface ScannedSeries {
  readonly seriesCount: number;
  readonly sampleCount: number;
  /** HASH_WORDS a series. */
  readonly hashes: Uint32Array;
  /** Where the label fields of each series stand in the message. */
  readonly labelStarts: Uint32Array;
  readonly labelEnds: Uint32Array;
  /** Samples of this step up to the series' last. */
  readonly sampleEnds: Uint32Array;
  /** Unix ms. */
  readonly times: Float64Array;
  /** May hold the stale marker: moved as bits. */
  readonly values: Float64Array;
  /**
   * Hash of the labels that stand first in the series at which it stopped, and where they end; undefined
   * where it stopped at something else.
   */
  readonly stopped: { readonly hash: Uint32Array; readonly labelsEnd: number } | undefined;
}

/** One walk over one message. */
export class SeriesScan {
  /** Where the next field begins; the caller moves it over the fields it takes itself. */
  at = 0;
  readonly #message: Uint8Array;
  readonly #key: Uint32Array;
  #windowAt = 0;
  #windowEnd = 0;

  /** `key` is four random words: hashes mean something only beside others of the same key. */
  constructor(message: Uint8Array, key: Uint32Array) {
    this.#message = message;
    this.#key = key;
  }

  /** Takes what it can from `at` on. Without a series, the field at `at` is for the caller. */
  step(): ScannedSeries {
    const module = kernelModule();
    const memory = module.reserve(END_AT);
    const { start } = module;
    const { buffer } = memory;
    const isMissing = module.holder !== this || this.at < this.#windowAt || this.at >= this.#windowEnd;
    if (isMissing) this.#fillWindow(memory, start);
    let found = this.#run(buffer, start);
    // Nothing was found at the end of a window that is not the message's: a fresh one may help.
    const isAtEnd = this.at > this.#windowAt && this.#windowEnd < this.#message.length;
    if (found.seriesCount === 0 && found.stopped === undefined && isAtEnd) {
      this.#fillWindow(memory, start);
      found = this.#run(buffer, start);
    }
    return found;
  }

  #fillWindow(memory: Uint8Array, start: number): void {
    this.#windowAt = this.at;
    this.#windowEnd = Math.min(this.#message.length, this.at + SCAN_WINDOW_BYTES);
    memory.set(this.#message.subarray(this.#windowAt, this.#windowEnd), start + MESSAGE_AT);
    kernelModule().holder = this;
  }

  #run(buffer: ArrayBuffer, start: number): ScannedSeries {
    const windowAt = start + MESSAGE_AT;
    const state = new Uint32Array(buffer, start + STATE_AT, 32);
    state[AT] = windowAt + this.at - this.#windowAt;
    state[END] = windowAt + this.#windowEnd - this.#windowAt;
    state[BIAS] = this.#windowAt - windowAt;
    state[SERIES_MAX] = SCAN_SERIES;
    state[SAMPLES_MAX] = SCAN_SAMPLES;
    state[HASHES] = start + HASHES_AT;
    state[LABEL_STARTS] = start + LABEL_STARTS_AT;
    state[LABEL_ENDS] = start + LABEL_ENDS_AT;
    state[SAMPLE_ENDS] = start + SAMPLE_ENDS_AT;
    state[TIMES] = start + TIMES_AT;
    state[VALUES] = start + VALUES_AT;
    state.set(this.#key, KEY);
    const seriesCount = kernelModule().kernels.scanSeries(start + STATE_AT);
    const sampleCount = state[SAMPLE_COUNT]!;
    this.at = state[AT] - windowAt + this.#windowAt;
    const hashes = new Uint32Array(buffer, start + HASHES_AT, HASH_WORDS * (seriesCount + 1));
    const labelsEnd = state[STOPPED_LABELS_END]!;
    return {
      seriesCount,
      sampleCount,
      hashes,
      labelStarts: new Uint32Array(buffer, start + LABEL_STARTS_AT, seriesCount),
      labelEnds: new Uint32Array(buffer, start + LABEL_ENDS_AT, seriesCount),
      sampleEnds: new Uint32Array(buffer, start + SAMPLE_ENDS_AT, seriesCount),
      times: new Float64Array(buffer, start + TIMES_AT, sampleCount),
      values: new Float64Array(buffer, start + VALUES_AT, sampleCount),
      stopped: labelsEnd === 0 ? undefined : { hash: hashes.slice(HASH_WORDS * seriesCount), labelsEnd },
    };
  }
}
