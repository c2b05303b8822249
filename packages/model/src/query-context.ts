/**
 * What bounds a query: a deadline, a flag that cancels it from another thread, and budgets of samples and
 * bytes.
 *
 * Engines and stores charge what they load before they allocate it, and call `check` at least once a series
 * or once a block. A worker that is busy hears no messages, so the flag is a shared word that it polls.
 */
import { SYSTEM_CLOCK, type Clock } from "./clock.ts";
import { BinnacleError } from "./errors.ts";

export interface QueryLimits {
  /** Wall time of a query, in ms. Past it: QUERY_TIMEOUT. */
  readonly timeoutMs: number;
  /** Samples a query may load at once. Past it: LIMIT_EXCEEDED. Prometheus calls it query.max-samples. */
  readonly samplesMax: number;
  /** Series a query's selectors may find, in all. Past it: LIMIT_EXCEEDED. Default: no bound. */
  readonly seriesMax?: number;
  /** Bytes of columns and lines a query may hold at once. Past it: LIMIT_EXCEEDED. */
  readonly bytesMax: number;
}

export const QUERY_LIMITS_DEFAULT: Required<QueryLimits> = {
  timeoutMs: 120_000,
  samplesMax: 50_000_000,
  seriesMax: 2_000_000,
  bytesMax: 1024 * 1024 * 1024,
};

/** Warnings of the stores that one answer carries. */
export const QUERY_WARNINGS_MAX = 10;

/** Checks for each look at the clock; the flag is looked at every time. */
const CLOCK_EVERY = 8;

export interface QueryContextOptions {
  readonly limits?: QueryLimits;
  readonly clock?: Clock;
  /** One shared word; not 0 means cancelled. */
  readonly cancelFlag?: Int32Array;
}

export class QueryContext {
  readonly limits: QueryLimits;
  readonly #clock: Clock;
  readonly #cancelFlag: Int32Array | undefined;
  readonly #deadlineMonotonicMs: number;
  #samples = 0;
  #bytes = 0;
  #series = 0;
  #samplesPeak = 0;
  #bytesPeak = 0;
  readonly #warnings = new Set<string>();
  #checks = 0;

  constructor(options: QueryContextOptions = {}) {
    this.limits = options.limits ?? QUERY_LIMITS_DEFAULT;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#cancelFlag = options.cancelFlag;
    this.#deadlineMonotonicMs = this.#clock.monotonicMs() + this.limits.timeoutMs;
  }

  /** Throws QUERY_CANCELED or QUERY_TIMEOUT when it is time to stop. Cheap: call it once a series. */
  check(): void {
    // Asking the clock costs more than many a series: the deadline may be told a few series late.
    if (this.#checks++ % CLOCK_EVERY === 0) this.checkTime();
    else this.#checkFlag();
  }

  /** As `check`, and looks at the clock whenever it is called: for work that has few series. */
  checkTime(): void {
    this.#checkFlag();
    if (this.#clock.monotonicMs() > this.#deadlineMonotonicMs) {
      const { timeoutMs } = this.limits;
      throw new BinnacleError("QUERY_TIMEOUT", `query timed out: it passed its ${timeoutMs} ms (timeoutMs)`);
    }
  }

  #checkFlag(): void {
    if (this.#cancelFlag !== undefined && Atomics.load(this.#cancelFlag, 0) !== 0) {
      throw new BinnacleError("QUERY_CANCELED", "query was canceled");
    }
  }

  /** Series that are about to be read, by all selectors of the query. */
  chargeSeries(count: number): void {
    this.#series += count;
    const { seriesMax } = this.limits;
    if (seriesMax !== undefined && this.#series > seriesMax) {
      throw new BinnacleError(
        "LIMIT_EXCEEDED",
        `query selects ${this.#series} series: the limit is ${seriesMax} (seriesMax)`,
      );
    }
  }

  chargeSamples(count: number): void {
    this.#samples += count;
    if (this.#samples > this.#samplesPeak) this.#samplesPeak = this.#samples;
    if (this.#samples > this.limits.samplesMax) {
      throw new BinnacleError(
        "LIMIT_EXCEEDED",
        `query processing would load too many samples into memory: over ${this.limits.samplesMax} (samplesMax)`,
      );
    }
  }

  chargeBytes(count: number): void {
    this.#bytes += count;
    if (this.#bytes > this.#bytesPeak) this.#bytesPeak = this.#bytes;
    if (this.#bytes > this.limits.bytesMax) {
      throw new BinnacleError(
        "LIMIT_EXCEEDED",
        `query would hold more than ${this.limits.bytesMax} bytes in memory (bytesMax)`,
      );
    }
  }

  /** Gives back what is no longer held. */
  release(held: { samples?: number; bytes?: number }): void {
    this.#samples -= held.samples ?? 0;
    // What was never charged may be let go of as well: a budget does not grow by it.
    this.#bytes = Math.max(0, this.#bytes - (held.bytes ?? 0));
  }

  /** Says with the answer that it lacks something, and why. Past a few, further ones are left out. */
  warn(text: string): void {
    if (this.#warnings.size < QUERY_WARNINGS_MAX) this.#warnings.add(text);
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  get samplesPeak(): number {
    return this.#samplesPeak;
  }

  get bytesPeak(): number {
    return this.#bytesPeak;
  }
}
