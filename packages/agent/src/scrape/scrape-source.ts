/** Where a target's samples come from: over HTTP, or from a collector in this process. */
import { Labels, METRIC_NAME, wordsOf, type MetricMetadata } from "@binnacle/model";
import type { Collector } from "./collected.ts";
import type { ScrapedSeries, TargetSeries } from "./target-series.ts";

export interface ScrapeAttempt {
  /** What the target is told of it; the signal is what ends the attempt. */
  readonly timeoutMs: number;
  /** Aborted with an Error for people to read. */
  readonly signal: AbortSignal;
}

/**
 * What a scrape brought, ready to be added: so that nothing is added to a target's series before all of it is
 * there.
 */
export interface ScrapeYield {
  readonly bodyBytes: number;
  /** Adds everything. Throws on malformed input or past a limit; the caller then fails the scrape. */
  addTo(series: TargetSeries): void;
  /** What the target says of its metrics, where it is new. */
  readonly metadata: readonly MetricMetadata[];
}

export interface ScrapeSource {
  /** Rejects with an Error for people to read when the target does not answer as it should. */
  fetch(attempt: ScrapeAttempt): Promise<ScrapeYield>;
  /** Series handed out by TargetSeries are to be resolved anew: its configuration or its memory changed. */
  forgetSeries(): void;
}

export class CollectorSource implements ScrapeSource {
  readonly #collector: Collector;
  #series = new Map<string, ScrapedSeries>();
  #described = new Set<string>();

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  forgetSeries(): void {
    this.#series.clear();
  }

  async fetch(attempt: ScrapeAttempt): Promise<ScrapeYield> {
    const families = await unlessAborted(this.#collector.collect(), attempt.signal);
    const metadata: MetricMetadata[] = [];
    for (const { name, type, help } of families) {
      if (this.#described.has(name)) continue;
      this.#described.add(name);
      metadata.push({ metric: name, type, help, unit: "" });
    }
    const addTo = (series: TargetSeries): void => {
      const value = new Float64Array(1);
      const words = wordsOf(value);
      for (const family of families) {
        for (const sample of family.samples) {
          value[0] = sample.value;
          series.add(this.#resolve(series, family.name, sample.labels), words, 0, undefined, 0);
        }
      }
    };
    return { bodyBytes: 0, metadata, addTo };
  }

  #resolve(series: TargetSeries, name: string, labels: readonly string[]): ScrapedSeries {
    const key = [name, ...labels].map((part) => `${part.length}:${part}`).join("");
    let resolved = this.#series.get(key);
    if (resolved === undefined) {
      const pairs: [string, string][] = [[METRIC_NAME, name]];
      for (let i = 0; i < labels.length; i += 2) pairs.push([labels[i]!, labels[i + 1]!]);
      resolved = series.resolve(Labels.from(pairs));
      this.#series.set(key, resolved);
    }
    return resolved;
  }
}

/** The promise's outcome, or the signal's reason when that comes first. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
