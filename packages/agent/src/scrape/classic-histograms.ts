/**
 * Classic histograms of a text exposition as native ones with the buckets' own bounds
 * (convert_classic_histograms_to_nhcb): which lines make one histogram is told by the metric's type and the
 * labels, once a series; from then on a scrape gathers their values.
 */
import { Labels, METRIC_NAME, type Histogram, type MetricMetadata } from "@binnacle/model";
import { classicAsNative, type ClassicBucket } from "@binnacle/wire";

/** What a series is to its histogram. */
interface Part {
  readonly of: ConvertedHistogram;
  readonly kind: "bucket" | "count" | "sum";
  /** Upper bound of a bucket. */
  readonly bound: number;
}

/** The series that classic ones become. */
export interface ConvertedHistogram {
  readonly labels: Labels;
  readonly key: string;
}

/** Values of one histogram of one time. */
interface Gathered {
  readonly of: ConvertedHistogram;
  readonly timeMs: number | undefined;
  readonly buckets: ClassicBucket[];
  /** Places of its samples in the scrape. */
  readonly samples: number[];
  count: number | undefined;
  sum: number;
}

export interface Conversion {
  readonly of: ConvertedHistogram;
  /** The exposition's time, if it has one. */
  readonly timeMs: number | undefined;
  /** Undefined where the buckets make no histogram: then the classic series stay. */
  readonly value: Histogram | undefined;
  /** Places in the scrape of the samples it is made of. */
  readonly samples: readonly number[];
}

export class ClassicHistograms {
  /** Metrics that are histograms. */
  readonly #names = new Set<string>();
  /** By the parser's slot. */
  readonly #parts: (Part | undefined)[] = [];
  readonly #histograms = new Map<string, ConvertedHistogram>();

  /** To be told before the series that come with it. */
  describe(metadata: readonly MetricMetadata[]): void {
    for (const { metric, type } of metadata) {
      if (type === "histogram") this.#names.add(metric);
      else this.#names.delete(metric);
    }
  }

  /** A slot's series, new or another than before. */
  see(slot: number, labels: Labels): void {
    this.#parts[slot] = this.#partOf(labels);
  }

  /** The histogram that a slot's series belongs to. */
  of(slot: number): ConvertedHistogram | undefined {
    return this.#parts[slot]?.of;
  }

  /** The histograms of a scrape; none where it has no classic ones. */
  convert(
    slots: Uint32Array,
    values: Float64Array,
    timeOf: (sample: number) => number | undefined,
  ): readonly Conversion[] {
    const all = new Map<string, Gathered>();
    for (let i = 0; i < slots.length; i++) {
      const part = this.#parts[slots[i]!];
      if (part === undefined) continue;
      const { of, kind, bound } = part;
      const timeMs = timeOf(i);
      const key = `${timeMs} ${of.key}`;
      let gathered = all.get(key);
      if (gathered === undefined)
        all.set(
          key,
          (gathered = { of, timeMs, buckets: [], samples: [], count: undefined, sum: Number.NaN }),
        );
      gathered.samples.push(i);
      if (kind === "bucket") gathered.buckets.push({ bound, cumulative: values[i]! });
      else gathered[kind] = values[i]!;
    }
    return Array.from(all.values(), ({ buckets, count, sum, ...rest }) => {
      buckets.sort((a, b) => a.bound - b.bound);
      const total = count ?? buckets.at(-1)?.cumulative;
      const isWhole = total !== undefined && buckets.length > 0;
      return { ...rest, value: isWhole ? classicAsNative(buckets, { count: total, sum }) : undefined };
    });
  }

  #partOf(labels: Labels): Part | undefined {
    const name = labels.get(METRIC_NAME);
    for (const kind of ["bucket", "count", "sum"] as const) {
      if (!name.endsWith(`_${kind}`)) continue;
      const base = name.slice(0, -kind.length - 1);
      if (!this.#names.has(base)) return undefined;
      const { le, ...own } = labels.toObject();
      const bound = kind === "bucket" ? boundOf(le) : Number.NaN;
      if (bound === undefined || (kind !== "bucket" && le !== undefined)) return undefined;
      return { of: this.#histogram(Labels.fromObject({ ...own, [METRIC_NAME]: base })), kind, bound };
    }
    return undefined;
  }

  #histogram(labels: Labels): ConvertedHistogram {
    const key = labels.key();
    let known = this.#histograms.get(key);
    if (known === undefined) this.#histograms.set(key, (known = { labels, key }));
    return known;
  }
}

/** The bound that a label says; undefined where it says none. */
function boundOf(le: string | undefined): number | undefined {
  if (le === "+Inf" || le === "Inf") return Infinity;
  const bound = le === undefined || le.trim() === "" ? Number.NaN : Number(le);
  return Number.isNaN(bound) ? undefined : bound;
}
