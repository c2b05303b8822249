/**
 * Parsing of an exposition text with the last one of the same target as the guide. The kernel takes the lines
 * that are as they were but for the number; the caller takes those at which the walk stops, and says where it
 * goes on.
 */
import { GUIDED_WINDOW_BYTES, GUIDED_WINDOW_LINES } from "./limits.ts";
import { kernelModule } from "./module.ts";

/** Set in a line's prefix length: it has a sample, but its value stands where only plain script finds it. */
export const SLOW_SAMPLE = 0x8000_0000;
/**
 * A line's prefix length where the walk must always stop: the line has no sample here, but might have one
 * elsewhere.
 */
export const ALWAYS_READ = 0x4000_0000;

/**
 * A parsed text, every line of which ends in a line feed. The arrays may be longer than what is in use; the
 * counts say how much is.
 */
export interface LineTable {
  text: Uint8Array;
  /** Where each line begins, and behind the last line the text's end: lineCount + 1 entries. */
  lineStarts: Uint32Array;
  /** Bytes of a line before its value; 0 = no sample; or what the two constants say. */
  prefixLengths: Uint32Array;
  lineCount: number;
  /** Samples in the order of their lines. */
  values: Float64Array;
  /** Unix ms, NaN = none; undefined where no sample has a time. */
  times: Float64Array | undefined;
  sampleCount: number;
}

export interface WalkOptions {
  /** Whether a whole number behind a value is its time in ms; else the walk stops at such a line. */
  readonly timesAreMs: boolean;
}

// The state block's words, as assembly/exposition.ts has them.
const OLD_TEXT = 0;
const OLD_TEXT_END = 1;
const NEW_TEXT = 2;
const NEW_TEXT_END = 3;
const OLD_STARTS = 4;
const PREFIXES = 5;
const LINE_COUNT = 6;
const OLD_VALUES = 7;
const OLD_TIMES = 8;
const NEW_BIAS = 9;
const NEW_STARTS = 10;
const NEW_VALUES = 11;
const NEW_TIMES = 12;
const HARD = 13;
const SAMPLES_MATCHED = 14;
const HARD_COUNT = 15;
const TIMES_COUNT = 16;
const TIMES_ARE_MS = 17;

// Where everything lies, from the module's start on.
const STATE_AT = 0;
const OLD_TEXT_AT = 128;
const NEW_TEXT_AT = OLD_TEXT_AT + GUIDED_WINDOW_BYTES;
const OLD_STARTS_AT = NEW_TEXT_AT + GUIDED_WINDOW_BYTES;
const PREFIXES_AT = OLD_STARTS_AT + 4 * (GUIDED_WINDOW_LINES + 4);
const OLD_VALUES_AT = PREFIXES_AT + 4 * GUIDED_WINDOW_LINES;
const OLD_TIMES_AT = OLD_VALUES_AT + 8 * GUIDED_WINDOW_LINES;
const NEW_STARTS_AT = OLD_TIMES_AT + 8 * GUIDED_WINDOW_LINES;
const NEW_VALUES_AT = NEW_STARTS_AT + 4 * GUIDED_WINDOW_LINES;
const NEW_TIMES_AT = NEW_VALUES_AT + 8 * GUIDED_WINDOW_LINES;
const HARD_AT = NEW_TIMES_AT + 8 * GUIDED_WINDOW_LINES;
const END_AT = HARD_AT + 12 * GUIDED_WINDOW_LINES;

/**
 * One walk over one new text. The fields say where it stands; the caller moves them over the lines it takes
 * itself.
 */
export class GuidedWalk {
  readonly guide: LineTable;
  /** Filled by the walk and by the caller: each appends lines and samples at the counts, and raises them. */
  readonly next: LineTable;
  /** The guide's line that is expected next, and how many samples stand before it. */
  guideLine = 0;
  guideSample = 0;
  /** Where the next line of the new text begins. */
  textAt = 0;
  readonly #text: Buffer;
  readonly #timesAreMs: boolean;
  // What the windows hold, as places in the guide and the text.
  #windowText = 0;
  #windowTextEnd = 0;
  #windowLine = 0;
  #windowLineEnd = 0;
  #windowSample = 0;
  #windowGuideEnd = 0;

  constructor(guide: LineTable, next: LineTable, options: WalkOptions) {
    this.guide = guide;
    this.next = next;
    this.#timesAreMs = options.timesAreMs;
    this.#text = Buffer.from(next.text.buffer, next.text.byteOffset, next.text.byteLength);
  }

  /**
   * Takes lines while they are as the guide has them. Afterwards the line at `textAt` is for the caller, or
   * the text has ended. `next` must have room for all lines of the guide that are left.
   */
  advance(): void {
    while (this.guideLine < this.guide.lineCount && this.textAt < this.next.text.length) {
      const isFresh = this.#isOutside();
      if (isFresh) this.#fillWindows();
      if (this.#matchLines() === 0 && isFresh) return;
      // A stop inside the windows is a line for the caller, unless the windows merely end here.
      if (!this.#isNearEnd()) return;
    }
  }

  /** Whether a window of the kernel's memory does not hold what comes next, or is another's by now. */
  #isOutside(): boolean {
    return (
      kernelModule().holder !== this ||
      this.guideLine < this.#windowLine ||
      this.guideLine >= this.#windowLineEnd ||
      this.textAt >= this.#windowTextEnd ||
      this.#isNearEnd()
    );
  }

  /** Whether the lines that come next reach over a window's end, so that fresh windows may help. */
  #isNearEnd(): boolean {
    const { guide, next, guideLine } = this;
    if (guideLine >= this.#windowLineEnd) return true;
    const guideLineEnd = guide.lineStarts[guideLine + 1]!;
    if (guideLineEnd > this.#windowGuideEnd) return true;
    if (this.#windowTextEnd === next.text.length) return false;
    const length = guideLineEnd - guide.lineStarts[guideLine]!;
    return this.textAt + length + NUMBER_BYTES_USUAL > this.#windowTextEnd;
  }

  #fillWindows(): void {
    const { guide, next } = this;
    const module = kernelModule();
    const memory = module.reserve(END_AT);
    module.holder = this;
    const { start } = module;

    const guideAt = guide.lineStarts[this.guideLine]!;
    const guideEnd = Math.min(guide.lineStarts[guide.lineCount]!, guideAt + GUIDED_WINDOW_BYTES);
    memory.set(guide.text.subarray(guideAt, guideEnd), start + OLD_TEXT_AT);
    const textEnd = Math.min(next.text.length, this.textAt + GUIDED_WINDOW_BYTES);
    memory.set(next.text.subarray(this.textAt, textEnd), start + NEW_TEXT_AT);

    const lineEnd = Math.min(guide.lineCount, this.guideLine + GUIDED_WINDOW_LINES);
    const sampleEnd = Math.min(guide.sampleCount, this.guideSample + GUIDED_WINDOW_LINES);
    const { buffer } = memory;
    const starts = guide.lineStarts.subarray(this.guideLine, lineEnd + 1);
    new Uint32Array(buffer, start + OLD_STARTS_AT, starts.length).set(starts);
    const prefixes = guide.prefixLengths.subarray(this.guideLine, lineEnd);
    new Uint32Array(buffer, start + PREFIXES_AT, prefixes.length).set(prefixes);
    const values = guide.values.subarray(this.guideSample, sampleEnd);
    new Float64Array(buffer, start + OLD_VALUES_AT, values.length).set(values);
    if (guide.times !== undefined) {
      const times = guide.times.subarray(this.guideSample, sampleEnd);
      new Float64Array(buffer, start + OLD_TIMES_AT, times.length).set(times);
    }

    this.#windowText = this.textAt;
    this.#windowTextEnd = textEnd;
    this.#windowLine = this.guideLine;
    this.#windowLineEnd = lineEnd;
    this.#windowSample = this.guideSample;
    this.#windowGuideEnd = guideEnd;
  }

  #matchLines(): number {
    const { guide, next, guideLine, guideSample } = this;
    const module = kernelModule();
    const { start } = module;
    const { buffer } = module.reserve(END_AT);
    const guideAt = guide.lineStarts[this.#windowLine]!;
    const textBase = start + NEW_TEXT_AT - this.#windowText;

    const state = new Uint32Array(buffer, start + STATE_AT, 32);
    state[OLD_TEXT] = start + OLD_TEXT_AT + guide.lineStarts[guideLine]! - guideAt;
    state[OLD_TEXT_END] = start + OLD_TEXT_AT + this.#windowGuideEnd - guideAt;
    state[NEW_TEXT] = textBase + this.textAt;
    state[NEW_TEXT_END] = textBase + this.#windowTextEnd;
    state[OLD_STARTS] = start + OLD_STARTS_AT + 4 * (guideLine - this.#windowLine);
    state[PREFIXES] = start + PREFIXES_AT + 4 * (guideLine - this.#windowLine);
    state[LINE_COUNT] = this.#windowLineEnd - guideLine;
    const sampleOffset = 8 * (guideSample - this.#windowSample);
    state[OLD_VALUES] = start + OLD_VALUES_AT + sampleOffset;
    state[OLD_TIMES] = guide.times === undefined ? 0 : start + OLD_TIMES_AT + sampleOffset;
    state[NEW_BIAS] = -textBase;
    state[NEW_STARTS] = start + NEW_STARTS_AT;
    state[NEW_VALUES] = start + NEW_VALUES_AT;
    state[NEW_TIMES] = start + NEW_TIMES_AT;
    state[HARD] = start + HARD_AT;
    state[TIMES_ARE_MS] = this.#timesAreMs ? 1 : 0;

    const lines = module.kernels.parseGuided(start + STATE_AT);
    if (lines === 0) return 0;
    const samples = state[SAMPLES_MATCHED]!;
    next.lineStarts.set(new Uint32Array(buffer, start + NEW_STARTS_AT, lines), next.lineCount);
    next.prefixLengths.set(guide.prefixLengths.subarray(guideLine, guideLine + lines), next.lineCount);
    next.values.set(new Float64Array(buffer, start + NEW_VALUES_AT, samples), next.sampleCount);
    if (state[TIMES_COUNT]! > 0) {
      next.times ??= new Float64Array(next.values.length).fill(Number.NaN);
      next.times.set(new Float64Array(buffer, start + NEW_TIMES_AT, samples), next.sampleCount);
    }
    this.#parseHardNumbers(new Uint32Array(buffer, start + HARD_AT, 3 * state[HARD_COUNT]!), textBase);

    next.lineCount += lines;
    next.sampleCount += samples;
    this.guideLine += lines;
    this.guideSample += samples;
    this.textAt = state[NEW_TEXT] - textBase;
    next.lineStarts[next.lineCount] = this.textAt;
    return lines;
  }

  /** Decimal numbers of too many digits for the kernel; it has checked that they are decimal numbers. */
  #parseHardNumbers(hard: Uint32Array, textBase: number): void {
    const { next } = this;
    for (let i = 0; i < hard.length; i += 3) {
      const digits = this.#text.toString("latin1", hard[i + 1]! - textBase, hard[i + 2]! - textBase);
      next.values[next.sampleCount + hard[i]!] = Number(digits);
    }
  }
}

/**
 * How much longer than last time a line may be and still be looked for in the old window. Only costs a copy.
 */
const NUMBER_BYTES_USUAL = 64;
