/**
 * Parses one target's expositions in Prometheus's protobuf format, one after the other, and numbers the
 * target's series, as ScrapeParser does for texts. Families stand behind their lengths, one after the other.
 */
import {
  BinnacleError,
  type Histogram,
  type Labels,
  METRIC_NAME,
  type MetricMetadata,
  type MetricType,
} from "@binnacle/model";
import { formatBound } from "../exposition/bounds.ts";
import { MetadataTable } from "../exposition/metadata.ts";
import type { NewSeries, SlotExemplar } from "../exposition/scrape-run.ts";
import { SlotTable } from "../exposition/slots.ts";
import { labelsFromPairs, pairsProblem } from "../label-checks.ts";
import { BODY_BYTES_MAX } from "../limits.ts";
import { classicAsNative } from "../native-histogram/classic.ts";
import { ProtobufReader } from "../protobuf/reader.ts";
import { type ProtobufExemplar, type ProtobufMetric, readMetric } from "./metric.ts";

export interface ProtobufScrapeOptions {
  /** Whether histograms that have native buckets are taken so. Else they are classic ones. */
  readonly takesNative: boolean;
  /** Whether classic buckets are taken beside native ones. */
  readonly keepsClassic: boolean;
  /** Whether histograms of classic buckets become native ones with custom bounds. */
  readonly convertsClassic: boolean;
}

export interface SlotHistogram {
  readonly slot: number;
  /** Unix ms, NaN = none. */
  readonly timeMs: number;
  /** Unix ms, 0 = unknown. */
  readonly startTimeMs: number;
  readonly value: Histogram;
}

/** Arrays are parallel. They are made anew for each parse. */
export interface ParsedProtobufScrape {
  readonly slots: readonly number[];
  readonly values: Float64Array;
  /** Unix ms, NaN = none. */
  readonly times: readonly number[];
  /** Unix ms, 0 = unknown. */
  readonly startTimes: readonly number[];
  readonly histograms: readonly SlotHistogram[];
  /** Labels of the slots that were given out by this parse. A slot that was freed may be given out again. */
  readonly newSeries: readonly NewSeries[];
  readonly metadata: readonly MetricMetadata[];
  readonly exemplars: readonly SlotExemplar[];
}

/** By the message's enum. */
const TYPES: readonly MetricType[] = [
  "counter",
  "gauge",
  "summary",
  "unknown",
  "histogram",
  "gaugehistogram",
];

export class ProtobufScrapeParser {
  readonly #slotTable = new SlotTable();
  readonly #metadata = new MetadataTable();
  #present = new Set<number>();
  #parses = 0;

  /** Throws BAD_EXPOSITION with the family, or the offset, of the first mistake, and BODY_TOO_LARGE. */
  parse(bytes: Uint8Array, options: ProtobufScrapeOptions): ParsedProtobufScrape {
    if (bytes.length > BODY_BYTES_MAX) {
      throw new BinnacleError(
        "BODY_TOO_LARGE",
        `an exposition of ${bytes.length} bytes is over the limit of ${BODY_BYTES_MAX} (BODY_BYTES_MAX)`,
      );
    }
    const run = new ProtobufRun(this.#slotTable, this.#metadata, options);
    try {
      run.parse(bytes);
    } catch (error) {
      for (const { slot } of run.newSeries) this.#slotTable.remove(slot);
      if (!(error instanceof BinnacleError)) throw error;
      throw new BinnacleError("BAD_EXPOSITION", error.message, { cause: error });
    }
    this.#parses++;
    const present = new Set([...run.slots, ...run.histograms.map(({ slot }) => slot)]);
    const gone = [...this.#present].filter((slot) => !present.has(slot));
    this.#slotTable.turnOver({ present, gone, parse: this.#parses });
    this.#slotTable.freeIdle(this.#parses);
    this.#present = present;
    return {
      slots: run.slots,
      values: Float64Array.from(run.values),
      times: run.times,
      startTimes: run.startTimes,
      histograms: run.histograms,
      newSeries: run.newSeries,
      metadata: this.#metadata.takeChanged(),
      exemplars: run.exemplars,
    };
  }
}

class ProtobufRun {
  readonly slots: number[] = [];
  readonly values: number[] = [];
  readonly times: number[] = [];
  readonly startTimes: number[] = [];
  readonly histograms: SlotHistogram[] = [];
  readonly newSeries: NewSeries[] = [];
  readonly exemplars: SlotExemplar[] = [];
  readonly #slotTable: SlotTable;
  readonly #metadata: MetadataTable;
  readonly #options: ProtobufScrapeOptions;

  constructor(slotTable: SlotTable, metadata: MetadataTable, options: ProtobufScrapeOptions) {
    this.#slotTable = slotTable;
    this.#metadata = metadata;
    this.#options = options;
  }

  parse(bytes: Uint8Array): void {
    const reader = new ProtobufReader(bytes);
    while (reader.at < bytes.length) {
      const outerEnd = reader.enterDelimited();
      this.#readFamily(reader);
      reader.leave(outerEnd);
    }
  }

  /** What the family says of itself may stand behind its metrics: those are read in a second pass. */
  #readFamily(reader: ProtobufReader): void {
    const start = reader.at;
    let name = "";
    let help = "";
    let unit = "";
    let type: MetricType = "counter";
    for (let field = reader.field(); field !== 0; field = reader.field()) {
      if (field === 1) name = reader.string();
      else if (field === 2) help = reader.string();
      else if (field === 3) type = TYPES[reader.uint32()] ?? "unknown";
      else if (field === 5) unit = reader.string();
      else reader.skip();
    }
    if (name === "") reader.fail("a metric family has no name");
    this.#metadata.note({ kind: "type", metric: name, type });
    if (help !== "") this.#metadata.note({ kind: "help", metric: name, text: help });
    if (unit !== "") this.#metadata.note({ kind: "unit", metric: name, unit });
    reader.at = start;
    const hint = type === "gaugehistogram" ? "gauge" : "unknown";
    for (let field = reader.field(); field !== 0; field = reader.field()) {
      if (field === 4) this.#takeMetric(name, readMetric(reader, hint));
      else reader.skip();
    }
  }

  #takeMetric(name: string, metric: ProtobufMetric): void {
    const { value } = metric;
    if (value === undefined) return;
    if (value.kind === "number") {
      this.#addExemplar(this.#add(metric, name, value.value), value.exemplar);
    } else if (value.kind === "summary") {
      this.#add(metric, `${name}_count`, value.count);
      this.#add(metric, `${name}_sum`, value.sum);
      for (const { quantile, value: at } of value.quantiles) {
        this.#add(metric, name, at, ["quantile", formatBound(quantile)]);
      }
    } else {
      this.#takeHistogram(name, metric, value);
    }
  }

  #takeHistogram(
    name: string,
    metric: ProtobufMetric,
    histogram: Extract<ProtobufMetric["value"], { kind: "histogram" }>,
  ): void {
    const { takesNative, keepsClassic, convertsClassic } = this.#options;
    const { buckets, count, sum } = histogram;
    const native =
      takesNative && histogram.native !== undefined
        ? histogram.native
        : convertsClassic && buckets.length > 0
          ? classicAsNative(buckets, histogram)
          : undefined;
    if (native !== undefined) {
      const { timeMs, startTimeMs } = metric;
      const slot = this.#slotOf(name, metric.labels);
      this.histograms.push({ slot, timeMs, startTimeMs, value: native });
      // Those of the buckets stand in where the histogram has none of its own; but they may have no time.
      const own = histogram.exemplars.length > 0 ? histogram.exemplars : buckets.map((at) => at.exemplar);
      for (const exemplar of own) this.#addExemplar(slot, exemplar);
      if (!keepsClassic || buckets.length === 0) return;
    }
    this.#add(metric, `${name}_count`, count);
    this.#add(metric, `${name}_sum`, sum);
    for (const { bound, cumulative, exemplar } of buckets) {
      this.#addExemplar(
        this.#add(metric, `${name}_bucket`, cumulative, ["le", formatBound(bound)]),
        exemplar,
      );
    }
    if (buckets.at(-1)?.bound !== Infinity) this.#add(metric, `${name}_bucket`, count, ["le", "+Inf"]);
  }

  #add(metric: ProtobufMetric, name: string, value: number, extra: readonly string[] = []): number {
    const slot = this.#slotOf(name, extra.length === 0 ? metric.labels : [...metric.labels, ...extra]);
    this.slots.push(slot);
    this.values.push(value);
    this.times.push(metric.timeMs);
    this.startTimes.push(metric.startTimeMs);
    return slot;
  }

  #addExemplar(slot: number, exemplar: ProtobufExemplar | undefined): void {
    if (exemplar !== undefined) this.exemplars.push({ slot, ...exemplar });
  }

  #slotOf(name: string, pairs: readonly string[]): number {
    // Lengths before texts, so that no two series are spelled alike.
    let identity = `${name.length}:${name}`;
    for (const part of pairs) identity += `${part.length}:${part}`;
    const known = this.#slotTable.find(identity);
    if (known !== undefined) return known;
    const problem = pairsProblem([METRIC_NAME, name, ...pairs]);
    if (problem !== undefined) {
      throw new BinnacleError("BAD_EXPOSITION", `metric family ${JSON.stringify(name)}: ${problem}`);
    }
    const slot = this.#slotTable.add(identity);
    const labels: Labels = labelsFromPairs([METRIC_NAME, name, ...pairs]);
    this.newSeries.push({ slot, labels });
    return slot;
  }
}
