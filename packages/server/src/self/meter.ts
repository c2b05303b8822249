/** The model's Meter over prom-client, with the process's own metrics beside it. */
import type { Counter, Gauge, Meter, MetricOptions, Observer } from "@binnacle/model";
import * as client from "prom-client";

export class PromMeter implements Meter {
  readonly registry = new client.Registry();

  constructor() {
    client.collectDefaultMetrics({ register: this.registry });
  }

  counter(options: MetricOptions): Counter {
    const counter = new client.Counter({ ...named(options), registers: [this.registry] });
    // A counter without labels is shown as 0 from the start, so that rules over it have a value.
    return {
      inc: (labels, by) => (labels === undefined ? counter.inc(by ?? 1) : counter.inc(labels, by ?? 1)),
    };
  }

  gauge(options: MetricOptions): Gauge {
    const gauge = new client.Gauge({ ...named(options), registers: [this.registry] });
    return { set: (value, labels) => (labels === undefined ? gauge.set(value) : gauge.set(labels, value)) };
  }

  histogram(options: MetricOptions & { readonly buckets: readonly number[] }): Observer {
    const histogram = new client.Histogram({
      ...named(options),
      buckets: [...options.buckets],
      registers: [this.registry],
    });
    return {
      observe: (value, labels) =>
        labels === undefined ? histogram.observe(value) : histogram.observe(labels, value),
    };
  }

  /** The exposition, text format 0.0.4. */
  exposition(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }
}

function named({ name, help, labelNames }: MetricOptions): {
  name: string;
  help: string;
  labelNames: string[];
} {
  return { name, help, labelNames: [...(labelNames ?? [])] };
}
