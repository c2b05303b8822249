/**
 * What the workers' caches of range queries did, as metrics. A worker writes its figures into shared memory;
 * the main thread reads them after an answer of its.
 */
import type { Counter, Gauge, Meter } from "@binnacle/model";
import type { RangeCacheStats } from "@binnacle/promql/engine";

/** Where each figure stands in the shared column. */
const FIGURES = [
  "hits",
  "misses",
  "bypasses",
  "stepsReused",
  "stepsComputed",
  "evictions",
  "bytes",
] as const satisfies readonly (keyof RangeCacheStats)[];

export function newCacheFigures(): Float64Array {
  return new Float64Array(new SharedArrayBuffer(FIGURES.length * Float64Array.BYTES_PER_ELEMENT));
}

export function writeCacheFigures(stats: RangeCacheStats, figures: Float64Array): void {
  for (const [i, name] of FIGURES.entries()) figures[i] = stats[name];
}

/** Sums up the figures of all workers. */
export class CacheMeter {
  readonly #requests: Counter;
  readonly #steps: Counter;
  readonly #evictions: Counter;
  readonly #bytes: Gauge;
  #bytesHeld = 0;

  constructor(meter: Meter) {
    this.#requests = meter.counter({
      name: "binnacle_query_cache_requests_total",
      help: "Range queries by what the cache had: a part of the answer, nothing, or no business with them.",
      labelNames: ["result"],
    });
    this.#steps = meter.counter({
      name: "binnacle_query_cache_steps_total",
      help: "Steps of range queries, by whether they were there or evaluated.",
      labelNames: ["source"],
    });
    this.#evictions = meter.counter({
      name: "binnacle_query_cache_evictions_total",
      help: "Answers given up to make room for others.",
    });
    this.#bytes = meter.gauge({
      name: "binnacle_query_cache_bytes",
      help: "Bytes of answers that are kept, of all workers.",
    });
  }

  /** Reads a worker's figures whenever it is called; disposed when the worker is gone. */
  watch(figures: Float64Array): Disposable & { readonly update: () => void } {
    const seen: Record<keyof RangeCacheStats, number> = {
      hits: 0,
      misses: 0,
      bypasses: 0,
      stepsReused: 0,
      stepsComputed: 0,
      evictions: 0,
      bytes: 0,
    };
    const grown = (name: keyof RangeCacheStats): number => {
      const now = figures[FIGURES.indexOf(name)]!;
      const by = now - seen[name];
      seen[name] = now;
      return by;
    };
    const holdMore = (by: number): void => {
      this.#bytesHeld += by;
      this.#bytes.set(this.#bytesHeld);
    };
    return {
      update: () => {
        this.#requests.inc({ result: "hit" }, grown("hits"));
        this.#requests.inc({ result: "miss" }, grown("misses"));
        this.#requests.inc({ result: "bypass" }, grown("bypasses"));
        this.#steps.inc({ source: "reused" }, grown("stepsReused"));
        this.#steps.inc({ source: "evaluated" }, grown("stepsComputed"));
        this.#evictions.inc({}, grown("evictions"));
        holdMore(grown("bytes"));
      },
      [Symbol.dispose]: () => holdMore(-seen.bytes),
    };
  }
}
