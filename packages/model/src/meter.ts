/**
 * The part of a metrics client that packages use to tell of themselves. The server gives one backed by
 * prom-client; packages name their metrics with the prefix `binnacle_` and register each once, when their
 * object is made.
 */
export interface Counter {
  inc(labels?: Readonly<Record<string, string>>, by?: number): void;
}
export interface Gauge {
  set(value: number, labels?: Readonly<Record<string, string>>): void;
}
export interface Observer {
  observe(value: number, labels?: Readonly<Record<string, string>>): void;
}

export interface MetricOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

export interface Meter {
  counter(options: MetricOptions): Counter;
  gauge(options: MetricOptions): Gauge;
  histogram(options: MetricOptions & { readonly buckets: readonly number[] }): Observer;
}

/** Counts nothing: for tests, and for callers without a registry. */
export const NO_METER: Meter = {
  counter: () => ({ inc() {} }),
  gauge: () => ({ set() {} }),
  histogram: () => ({ observe() {} }),
};
