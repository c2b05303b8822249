/** Sinks, a meter and a logger that remember, for tests. */
import {
  isStaleAt,
  type Labels,
  wordsOf,
  type AppendResult,
  type LogAppendResult,
  type LogEntries,
  type Logger,
  type LogSink,
  type Meter,
  type MetricMetadata,
  type MetricSink,
  type SampleRow,
} from "@binnacle/model";

export interface RecordedSample {
  readonly group: string;
  readonly timeMs: number;
  readonly series: string;
  readonly value: number | "stale";
}

export class RecordingMetricSink implements MetricSink {
  readonly samples: RecordedSample[] = [];
  readonly metadata: MetricMetadata[] = [];
  readonly #labels: Labels[] = [];
  readonly #refs = new Map<string, number>();
  /** Replaced by tests of failures. */
  refuse: (() => AppendResult | undefined) | undefined;

  series(labels: Labels): number {
    const key = labels.key();
    let ref = this.#refs.get(key);
    if (ref === undefined) {
      ref = this.#labels.push(labels) - 1;
      this.#refs.set(key, ref);
    }
    return ref;
  }

  /** Makes a series unknown, as a store does that has forgotten it. */
  forget(labels: Labels): void {
    this.#refs.delete(labels.key());
  }

  async append(rows: readonly SampleRow[]): Promise<AppendResult> {
    const refusal = this.refuse?.();
    if (refusal !== undefined) return refusal;
    const unknownSeries: number[] = [];
    let appended = 0;
    for (const row of rows) {
      const words = wordsOf(row.values);
      for (let i = 0; i < row.series.length; i++) {
        const labels = this.#labels[row.series[i]!]!;
        if (this.#refs.get(labels.key()) !== row.series[i]) {
          unknownSeries.push(row.series[i]!);
          continue;
        }
        appended++;
        const value = isStaleAt(words, i) ? "stale" : row.values[i]!;
        this.samples.push({ group: row.group, timeMs: row.timeMs, series: labels.toString(), value });
      }
    }
    return { appended, rejected: unknownSeries.length, rejections: [], unknownSeries };
  }

  describe(metadata: readonly MetricMetadata[]): void {
    this.metadata.push(...metadata);
  }

  /** Values of a series in the order they came, by its text. */
  valuesOf(series: string): (number | "stale")[] {
    return this.samples.filter((sample) => sample.series === series).map(({ value }) => value);
  }
}

export interface RecordedLine {
  readonly labels: string;
  readonly timeNs: bigint;
  readonly line: string;
  readonly metadata: readonly string[] | undefined;
}

export class RecordingLogSink implements LogSink {
  readonly lines: RecordedLine[] = [];
  /** Throws, or answers in place of the sink, while set. */
  refuse: ((batch: readonly LogEntries[]) => LogAppendResult | undefined) | undefined;

  async append(batch: readonly LogEntries[]): Promise<LogAppendResult> {
    const refusal = this.refuse?.(batch);
    if (refusal !== undefined) return refusal;
    let appended = 0;
    for (const { labels, timesNs, lines, metadata } of batch) {
      for (let i = 0; i < lines.length; i++) {
        const line = Buffer.from(lines[i]!).toString("latin1");
        this.lines.push({ labels: labels.toString(), timeNs: timesNs[i]!, line, metadata: metadata?.[i] });
        appended++;
      }
    }
    return { appended, rejected: 0, rejections: [] };
  }

  get texts(): string[] {
    return this.lines.map(({ line }) => line);
  }
}

/** Counts by `name{label,…}`. */
export class RecordingMeter implements Meter {
  readonly counts = new Map<string, number>();

  counter({ name }: { name: string }): { inc(labels?: Readonly<Record<string, string>>, by?: number): void } {
    return {
      inc: (labels = {}, by = 1) => {
        const values = Object.values(labels);
        const key = values.length === 0 ? name : `${name}{${values.join(",")}}`;
        this.counts.set(key, (this.counts.get(key) ?? 0) + by);
      },
    };
  }

  gauge({ name }: { name: string }): { set(value: number): void } {
    return { set: (value) => void this.counts.set(name, value) };
  }

  histogram(): { observe(): void } {
    return { observe: () => undefined };
  }
}

export class RecordingLogger implements Logger {
  readonly messages: string[] = [];

  debug(): void {
    // Too much for anybody to look at.
  }

  info(_fields: object, message: string): void {
    this.messages.push(message);
  }

  warn(fields: object, message: string): void {
    this.messages.push(`${message} ${JSON.stringify(fields)}`);
  }

  error(fields: object, message: string): void {
    this.messages.push(`${message} ${JSON.stringify(fields)}`);
  }
}

/** Waits until something holds; fails with what was seen last when it does not in time. */
export async function eventually(
  holds: () => boolean,
  describe: () => unknown,
  timeoutMs = 5_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > deadline) {
      const seen = JSON.stringify(describe(), (_, value: unknown) =>
        typeof value === "bigint" ? `${value}` : value,
      );
      throw new Error(`it did not happen within ${timeoutMs} ms; seen last: ${seen.slice(-2_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
