/**
 * The series of one target: turns each scrape into rows, and knows which series to end with a stale marker.
 *
 * A series is looked up, relabelled and registered with the sink once; from then on a sample costs one
 * generation check.
 *
 *     begin ─ add, add, … ─ finish → rows of the scrape, stale markers of what vanished
 *                         └ fail   → stale markers of all that was there
 */
import {
  GROUP_NAME_LENGTH_MAX,
  type Histogram,
  type Labels,
  METRIC_NAME,
  type MetricSink,
  type SampleRow,
} from "@binnacle/model";
import { limitBuckets } from "@binnacle/wire";
import type { ScrapeConfig } from "../config/scrape-config.ts";
import { SCRAPE_TIMES_MAX } from "../limits.ts";
import { relabelLabels } from "../relabel/relabel.ts";
import { checkLabelLimits, mergeTargetLabels } from "./merge-labels.ts";
import { RowBuilder } from "./row-builder.ts";

/** A series as the target exposes it; `state` is undefined when metric relabelling drops it. */
export interface ScrapedSeries {
  readonly state: SeriesState | undefined;
}

interface SeriesState {
  readonly labels: Labels;
  ref: number;
  /** The scrape it was last seen in; 0 while it is not live. */
  generation: number;
  /** Whether its samples bring times of their own: such series end without a marker. */
  bringsTimes: boolean;
}

export interface ScrapedExemplar {
  readonly labels: Labels;
  readonly value: number;
  /** Unix ms, or NaN where the exposition gives none. */
  readonly timeMs: number;
}

export interface ScrapeCounts {
  readonly scraped: number;
  readonly kept: number;
  readonly added: number;
  /** Second samples of a series in one scrape: the first is kept. */
  readonly duplicates: number;
}

export class TargetSeries {
  readonly #sink: MetricSink;
  readonly #group: string;
  #labels: Labels;
  #config: ScrapeConfig;
  /** By the sink's ref, which is the same for the same labels. */
  readonly #states = new Map<number, SeriesState>();
  readonly #reportStates = new Map<string, SeriesState>();
  /**
   * Those of the last good scrape, and of the one under way: as many as the counts say, in arrays used again.
   */
  #live: SeriesState[] = [];
  #liveCount = 0;
  #next: SeriesState[] = [];
  #nextCount = 0;
  #generation = 0;
  #timeMs = 0;
  #row = new RowBuilder();
  /**
   * Samples of the last scrape, all of its row; −1 where it was not only of these, so that none can repeat
   * it.
   */
  #plainCount = -1;
  /** Whether this scrape repeats the last one. */
  #isRepeat = false;
  #ownTimes = new Map<number, RowBuilder>();
  #scraped = 0;
  #kept = 0;
  #added = 0;
  #duplicates = 0;

  constructor(sink: MetricSink, labels: Labels, config: ScrapeConfig) {
    this.#sink = sink;
    this.#labels = labels;
    this.#config = config;
    const group = `scrape/${labels.get("job")}/${labels.get("instance")}`;
    this.#group = group.slice(0, GROUP_NAME_LENGTH_MAX - "/own".length);
  }

  /** Takes a changed configuration. Series handed out before must be resolved anew. */
  configure(labels: Labels, config: ScrapeConfig): void {
    this.#labels = labels;
    this.#config = config;
    this.#reportStates.clear();
    this.#plainCount = -1;
  }

  begin(timeMs: number): void {
    this.#generation++;
    this.#timeMs = timeMs;
    this.#row.clear();
    this.#ownTimes.clear();
    this.#nextCount = 0;
    this.#isRepeat = false;
    this.#scraped = this.#kept = this.#added = this.#duplicates = 0;
  }

  /**
   * What a series of the exposition becomes. Throws when its labels pass a limit of the job, which fails the
   * scrape.
   */
  resolve(exposed: Labels): ScrapedSeries {
    const merged = mergeTargetLabels(exposed, this.#labels, this.#config.honorLabels);
    const labels = relabelLabels(merged, this.#config.metricRelabelConfigs);
    if (labels === undefined || labels.size === 0) return { state: undefined };
    if (labels.get(METRIC_NAME) === "")
      throw new Error(`a sample without a metric name: ${labels.toString()}`);
    checkLabelLimits(labels, this.#config);
    return { state: this.#state(labels) };
  }

  /**
   * Adds value `index` of a column, given as words (values.ts). `ownTimeMs` is the exposition's timestamp, if
   * any.
   */
  add(
    series: ScrapedSeries,
    words: Uint32Array,
    index: number,
    ownTimeMs: number | undefined,
    startTimeMs: number,
  ): void {
    const row = this.#rowOf(series, ownTimeMs);
    if (row !== undefined) row.add(series.state!.ref, words, index, startTimeMs);
  }

  /**
   * Adds what `add` would if it were called for the same series as in the last scrape, in the same order,
   * with these values. False where that cannot be: nothing is added then.
   */
  repeat(values: Float64Array): boolean {
    if (values.length !== this.#plainCount) return false;
    this.#row.restore(values);
    this.#scraped = this.#kept = values.length;
    this.#isRepeat = true;
    return true;
  }

  /**
   * Adds a native histogram; else as `add`. Throws where even the coarsest has more buckets than the job
   * allows.
   */
  addHistogram(
    series: ScrapedSeries,
    histogram: Histogram,
    ownTimeMs: number | undefined,
    startTimeMs: number,
  ): void {
    const row = this.#rowOf(series, ownTimeMs);
    if (row === undefined) return;
    const { histogramBuckets } = this.#config;
    const value = limitBuckets(histogram, histogramBuckets);
    if (value === undefined) {
      const { bucketsMax } = histogramBuckets;
      throw new Error(
        `histogram bucket limit exceeded: over ${bucketsMax} buckets at any resolution ` +
          `(native_histogram_bucket_limit) in ${series.state!.labels.toString()}`,
      );
    }
    row.addHistogram({ series: series.state!.ref, value, startTimeMs });
  }

  /** The row that takes a sample of the series, which it counts; undefined where none is to take it. */
  #rowOf(series: ScrapedSeries, ownTimeMs: number | undefined): RowBuilder | undefined {
    this.#scraped++;
    const { state } = series;
    if (state === undefined) return undefined;
    this.#kept++;
    const { samplesMax } = this.#config;
    if (samplesMax > 0 && this.#kept > samplesMax) {
      throw new Error(`sample limit exceeded: over ${samplesMax} samples (sample_limit)`);
    }
    const timeMs = this.#config.honorTimestamps ? ownTimeMs : undefined;
    const row = timeMs === undefined ? this.#row : this.#rowAt(timeMs);
    if (state.generation === this.#generation) {
      // Again in one scrape: only another time of its own makes it another sample.
      if (timeMs === undefined || !state.bringsTimes || row.has(state.ref)) {
        this.#duplicates++;
        return undefined;
      }
    } else {
      if (state.generation === 0) this.#added++;
      state.generation = this.#generation;
      state.bringsTimes = timeMs !== undefined;
      this.#next[this.#nextCount++] = state;
    }
    return row;
  }

  /** Counts repeats of a series that never got here. */
  noteDuplicates(count: number): void {
    this.#duplicates += count;
  }

  /** Adds an exemplar to the row of this scrape; one without a time gets the scrape's. */
  addExemplar(series: ScrapedSeries, exemplar: ScrapedExemplar): void {
    if (series.state === undefined) return;
    const { labels, value, timeMs } = exemplar;
    this.#row.addExemplar({
      series: series.state.ref,
      labels,
      value,
      timeMs: Number.isNaN(timeMs) ? this.#timeMs : timeMs,
    });
  }

  /** The scrape as rows, times ascending; `reports` are the target's own series (`up` and its kin). */
  finish(reports: ReadonlyMap<string, number>): SampleRow[] {
    if (this.#isRepeat) return this.#rows(reports);
    const isPlain = this.#ownTimes.size === 0 && this.#row.isPlain && this.#scraped === this.#nextCount;
    this.#plainCount = isPlain ? this.#scraped : -1;
    for (let i = 0; i < this.#liveCount; i++) {
      if (this.#live[i]!.generation !== this.#generation) this.#end(this.#live[i]!);
    }
    // What is behind the count would keep series that are gone from being collected.
    if (this.#live.length > 2 * this.#nextCount) this.#live = [];
    [this.#live, this.#next] = [this.#next, this.#live];
    this.#liveCount = this.#nextCount;
    this.#nextCount = 0;
    return this.#rows(reports);
  }

  /** The scrape failed: all series of the last good one end. */
  fail(reports: ReadonlyMap<string, number>): SampleRow[] {
    this.#row.clear();
    this.#plainCount = -1;
    this.#ownTimes.clear();
    for (let i = 0; i < this.#nextCount; i++) this.#next[i]!.generation = 0;
    this.#endLive();
    return this.#rows(reports);
  }

  /** The target is no more: its series and its reports end. */
  endAll(nowMs: number, reportNames: readonly string[]): SampleRow[] {
    if (this.#generation === 0) return [];
    this.begin(Math.max(nowMs, this.#timeMs + 1));
    this.#plainCount = -1;
    this.#endLive();
    for (const name of reportNames) this.#row.addStale(this.#report(name).ref);
    return this.#rows(new Map());
  }

  /** Registers series anew that the sink has forgotten; answers old → new. */
  renew(unknown: ReadonlySet<number>): Map<number, number> {
    const renewed = new Map<number, number>();
    this.#plainCount = -1;
    for (const old of unknown) {
      const state = this.#states.get(old);
      if (state === undefined) continue;
      const ref = this.#sink.series(state.labels);
      renewed.set(old, ref);
      this.#states.delete(old);
      state.ref = ref;
      this.#states.set(ref, state);
    }
    return renewed;
  }

  /**
   * Forgets series that the target has not shown for a while. Returns whether series handed out must be
   * resolved anew.
   */
  forgetUnused(scrapes: number): boolean {
    const oldest = this.#generation - scrapes;
    // Scrapes that repeat the one before leave no trace on its series.
    for (let i = 0; i < this.#liveCount; i++) this.#live[i]!.generation = this.#generation;
    let forgot = false;
    for (const [ref, state] of this.#states) {
      if (state.generation >= oldest) continue;
      this.#states.delete(ref);
      forgot = true;
    }
    if (forgot) this.#reportStates.clear();
    return forgot;
  }

  get counts(): ScrapeCounts {
    return { scraped: this.#scraped, kept: this.#kept, added: this.#added, duplicates: this.#duplicates };
  }

  #rows(reports: ReadonlyMap<string, number>): SampleRow[] {
    for (const [name, value] of reports) {
      const state = this.#report(name);
      state.generation = this.#generation;
      this.#row.addNumber(state.ref, value);
    }
    const rows: SampleRow[] = [];
    for (const [timeMs, row] of this.#ownTimes) rows.push(row.build(`${this.#group}/own`, timeMs));
    if (this.#row.length > 0) rows.push(this.#row.build(this.#group, this.#timeMs));
    return rows.sort((a, b) => a.timeMs - b.timeMs);
  }

  #report(name: string): SeriesState {
    let state = this.#reportStates.get(name);
    if (state === undefined) {
      state = this.#state(this.#labels.with({ [METRIC_NAME]: name }));
      this.#reportStates.set(name, state);
    }
    return state;
  }

  #state(labels: Labels): SeriesState {
    const ref = this.#sink.series(labels);
    let state = this.#states.get(ref);
    if (state === undefined) {
      state = { labels, ref, generation: 0, bringsTimes: false };
      this.#states.set(ref, state);
    }
    return state;
  }

  #endLive(): void {
    for (let i = 0; i < this.#liveCount; i++) this.#end(this.#live[i]!);
    this.#live = [];
    this.#liveCount = 0;
    this.#next = [];
    this.#nextCount = 0;
  }

  #end(state: SeriesState): void {
    // The next time it is seen it counts as added.
    state.generation = 0;
    if (state.bringsTimes && !this.#config.trackTimestampsStaleness) return;
    this.#row.addStale(state.ref);
  }

  #rowAt(timeMs: number): RowBuilder {
    let row = this.#ownTimes.get(timeMs);
    if (row === undefined) {
      if (this.#ownTimes.size >= SCRAPE_TIMES_MAX) {
        throw new Error(`over ${SCRAPE_TIMES_MAX} distinct timestamps in one scrape (SCRAPE_TIMES_MAX)`);
      }
      row = new RowBuilder();
      this.#ownTimes.set(timeMs, row);
    }
    return row;
  }
}
