/**
 * The head: the newest samples, in memory. Decides of each sample whether it is taken, and where it stands.
 *
 * The newest generation takes samples; `freeze` starts another and leaves the old one to be sealed.
 */
import {
  assert,
  copyValue,
  GROUP_NAME_LENGTH_MAX,
  REJECTIONS_REPORTED_MAX,
  wordsOf,
  type AppendResult,
  type Histogram,
  type Labels,
  type SampleRejection,
  type SampleRejectReason,
  type SampleRow,
  type SeriesRef,
} from "@binnacle/model";
import { histogramToBytes } from "../codec/histogram.ts";
import { HeadGeneration, type PlacedRow } from "./generation.ts";
import { KnownRows } from "./known-rows.ts";
import { histogramBytes, LOOSE_HISTOGRAM } from "./loose-log.ts";
import { SegmentPool } from "./segment-pool.ts";
import { NO_TIME, SeriesRegistry } from "./series-registry.ts";

/** A sample as it is compared with another: two words of a double, or a histogram's bytes. */
export type StoredValue = { low: number; high: number } | Uint8Array;

/** What the head asks of the sealed blocks. */
export interface SealedSamples {
  /** Newest time of any sealed sample, −Infinity where there is none. */
  readonly maxTimeMs: number;
  /** Newest sealed time of a series. */
  lastTimeOf(slot: number): number;
  /** The sealed sample of a series at exactly this time, unless it is deleted. */
  find(slot: number, timeMs: number): StoredValue | undefined;
  /** Whether what a generation of the head has of a series at this time is deleted. */
  isDeleted(slot: number, timeMs: number, generation: number): boolean;
}

/** Hears of every sample that was taken, so that it can be written down. */
export interface HeadJournal {
  row(row: PlacedRow): void;
  late(slot: number, timeMs: number, low: number, high: number, startMs: number): void;
  histogram(slot: number, timeMs: number, bytes: Uint8Array, startMs: number): void;
}

export interface HeadOptions {
  readonly seriesMax: number;
  readonly outOfOrderWindowMs: number;
  readonly retentionMs: number;
  readonly futureMsMax: number;
  /** Series that are kept for less time; undefined where none is. */
  readonly briefRetention?: BriefRetention | undefined;
}

/** What selectors with a time of their own say of series. */
export interface BriefRetention {
  /** Samples no older than this are within every selector's time. */
  readonly shortestMs: number;
  /** How long samples of this series are kept; undefined where no selector is about it. */
  of(labels: Labels): number | undefined;
}

export interface HeadAppendResult extends AppendResult {
  readonly rejectedByReason: ReadonlyMap<SampleRejectReason, number>;
}

type Verdict = "in_order" | "late" | "repeat" | SampleRejectReason;

export class Head {
  readonly registry: SeriesRegistry;
  /** Where generations have their memory from. */
  readonly segments = new SegmentPool();
  /** Oldest first; waiting to be sealed. */
  readonly frozen: HeadGeneration[] = [];
  open: HeadGeneration;
  readonly #options: HeadOptions;
  readonly #sealed: SealedSamples;
  readonly #knownRows = new KnownRows();
  #slots = new Uint32Array(1024);
  #words = new Uint32Array(2048);
  #starts = new Float64Array(1024);

  constructor(options: HeadOptions, sealed: SealedSamples, first: HeadGeneration) {
    this.#options = options;
    this.#sealed = sealed;
    this.registry = new SeriesRegistry(options.seriesMax);
    this.open = first;
  }

  /** Takes what can be taken, in memory; `journal` hears of it. */
  append(rows: readonly SampleRow[], nowMs: number, journal: HeadJournal): HeadAppendResult {
    const outcome = new Outcome();
    for (const row of rows) {
      assert(row.group.length <= GROUP_NAME_LENGTH_MAX, `group name of ${row.group.length} characters`);
      assert(Number.isSafeInteger(row.timeMs), `time ${row.timeMs} is not a whole number of ms`);
      const bound = this.#outOfBounds(row.timeMs, nowMs);
      if (bound === undefined) this.#appendRow(this.#withoutExpired(row, nowMs, outcome), journal, outcome);
      else rejectAll(row, bound, outcome);
    }
    return outcome.result();
  }

  /** Starts the next generation; the old one takes nothing more. One without a sample is simply forgotten. */
  freeze(nextId: number, openedMs: number): void {
    if (this.open.samples > 0) this.frozen.push(this.open);
    this.open = new HeadGeneration(nextId, openedMs, this.segments);
  }

  /**
   * Forgets a sealed generation, and the series that were silent since before it: those in it stay for one
   * more, since they have hardly had the time to say something after it.
   */
  drop(generation: HeadGeneration): void {
    this.frozen.splice(this.frozen.indexOf(generation), 1);
    const spoken = [generation, ...this.frozen, this.open];
    this.registry.retain((slot) => spoken.some((each) => each.has(slot)));
    this.#knownRows.clear();
  }

  #outOfBounds(timeMs: number, nowMs: number): Rejection | undefined {
    const { futureMsMax, retentionMs } = this.#options;
    if (timeMs > nowMs + futureMsMax) {
      const early = `time ${timeMs} is ${timeMs - nowMs} ms ahead of the clock`;
      const message = `${early}, more than futureMsMax ${futureMsMax}`;
      return { reason: "too_far_in_future", message };
    }
    if (timeMs < nowMs - retentionMs) {
      const old = `time ${timeMs} is ${nowMs - timeMs} ms old`;
      const message = `${old}, more than the retention of ${retentionMs} ms`;
      return { reason: "too_old", message };
    }
    return undefined;
  }

  /**
   * The row without the samples that a selector's retention does not keep; the row itself if it keeps all.
   */
  #withoutExpired(row: SampleRow, nowMs: number, outcome: Outcome): SampleRow {
    const { briefRetention } = this.#options;
    const ageMs = nowMs - row.timeMs;
    if (briefRetention === undefined || ageMs <= briefRetention.shortestMs) return row;
    const isKept = (ref: SeriesRef): boolean => {
      const slot = this.registry.slotOf(ref);
      // Unknown ones are told as such later.
      const labels = slot < 0 ? undefined : this.registry.labelsOf(slot);
      const keptMs = labels === undefined ? undefined : briefRetention.of(labels);
      if (keptMs === undefined || ageMs <= keptMs) return true;
      const message = `${labels!.toString()}: time ${row.timeMs} is ${ageMs} ms old, more than its retention of ${keptMs} ms`;
      outcome.reject({ reason: "too_old", message }, ref, row.timeMs);
      return false;
    };
    const kept = [...row.series.keys()].filter((i) => isKept(row.series[i]!));
    const histograms = (row.histograms ?? []).filter(({ series }) => isKept(series));
    outcome.rejectedHistograms += (row.histograms?.length ?? 0) - histograms.length;
    const values = new Float64Array(kept.length);
    for (const [to, from] of kept.entries()) copyValue(wordsOf(values), to, wordsOf(row.values), from);
    return {
      ...row,
      series: Uint32Array.from(kept, (i) => row.series[i]!),
      values,
      ...(row.startTimes && { startTimes: Float64Array.from(kept, (i) => row.startTimes![i]!) }),
      histograms,
    };
  }

  #appendRow(row: SampleRow, journal: HeadJournal, outcome: Outcome): void {
    const { registry } = this;
    const { series, timeMs } = row;
    const source = wordsOf(row.values);
    const known = this.#knownRows.find(row.group, series);
    if (known !== undefined && this.#takeInOrder(known, timeMs)) {
      const { group, startTimes } = row;
      const placed = {
        group,
        timeMs,
        count: known.length,
        slots: known,
        words: source,
        startTimes,
        isKnown: true,
      };
      this.#place(placed, journal, outcome);
      this.#appendHistograms(row, journal, outcome);
      return;
    }
    if (this.#slots.length < series.length) this.#growScratch(series.length);
    const slots = this.#slots;
    const words = this.#words;
    const starts = row.startTimes === undefined ? undefined : this.#starts;
    let count = 0;
    for (let i = 0; i < series.length; i++) {
      const ref = series[i]!;
      const slot = registry.slotOf(ref);
      if (slot < 0) {
        outcome.unknown(ref, timeMs);
        continue;
      }
      const low = source[2 * i]!;
      const high = source[2 * i + 1]!;
      const verdict = this.#judge(slot, timeMs);
      if (verdict === "in_order") {
        registry.lastTime[slot] = timeMs;
        slots[count] = slot;
        words[2 * count] = low;
        words[2 * count + 1] = high;
        if (starts !== undefined) starts[count] = row.startTimes![i]!;
        count++;
        continue;
      }
      if (verdict !== "late") {
        this.#reject(outcome, ref, timeMs, verdict);
        continue;
      }
      const found = this.#find(slot, timeMs);
      if (found !== undefined) {
        const isRepeat = !(found instanceof Uint8Array) && found.low === low && found.high === high;
        this.#reject(outcome, ref, timeMs, isRepeat ? "repeat" : "duplicate_timestamp");
        continue;
      }
      const startMs = row.startTimes === undefined ? 0 : row.startTimes[i]!;
      journal.late(slot, timeMs, low, high, startMs);
      this.open.placeLoose(slot, timeMs, low, high, startMs);
      outcome.appended++;
    }
    if (count > 0) {
      const { group } = row;
      this.#place(
        { group, timeMs, count, slots, words, startTimes: starts, isKnown: false },
        journal,
        outcome,
      );
    }
    if (count === series.length) this.#knownRows.note(row.group, series, slots);
    this.#appendHistograms(row, journal, outcome);
  }

  /** Whether all of these are in order at this time; then they are noted as taken. */
  #takeInOrder(slots: Uint32Array, timeMs: number): boolean {
    const { lastTime } = this.registry;
    for (let i = 0; i < slots.length; i++) {
      const last = lastTime[slots[i]!]!;
      // What has no time yet may have one in sealed blocks.
      if (last === NO_TIME || timeMs <= last) return false;
    }
    for (let i = 0; i < slots.length; i++) lastTime[slots[i]!] = timeMs;
    return true;
  }

  #place(row: PlacedRow, journal: HeadJournal, outcome: Outcome): void {
    journal.row(row);
    this.open.place(row);
    outcome.appended += row.count;
  }

  #appendHistograms(row: SampleRow, journal: HeadJournal, outcome: Outcome): void {
    for (const sample of row.histograms ?? []) {
      this.#appendHistogram(sample.series, row.timeMs, sample.value, sample.startTimeMs, journal, outcome);
    }
  }

  #appendHistogram(
    ref: SeriesRef,
    timeMs: number,
    value: Histogram,
    startMs: number,
    journal: HeadJournal,
    outcome: Outcome,
  ): void {
    const slot = this.registry.slotOf(ref);
    if (slot < 0) return outcome.unknown(ref, timeMs);
    const bytes = histogramToBytes(value);
    const verdict = this.#judge(slot, timeMs);
    if (verdict === "late") {
      const found = this.#find(slot, timeMs);
      if (found !== undefined) {
        const isRepeat = found instanceof Uint8Array && sameBytes(found, bytes);
        if (!isRepeat) outcome.rejectedHistograms++;
        return this.#reject(outcome, ref, timeMs, isRepeat ? "repeat" : "duplicate_timestamp");
      }
    } else if (verdict !== "in_order") {
      outcome.rejectedHistograms++;
      return this.#reject(outcome, ref, timeMs, verdict);
    } else {
      this.registry.lastTime[slot] = timeMs;
    }
    journal.histogram(slot, timeMs, bytes, startMs);
    this.open.placeHistogram(slot, timeMs, bytes, startMs);
    outcome.appended++;
  }

  /**
   * "late" also says: at the time of the newest. Whoever takes a late one looks for a sample at its time
   * first.
   */
  #judge(slot: number, timeMs: number): Verdict {
    let last = this.registry.lastTime[slot]!;
    if (timeMs > last) {
      if (last !== NO_TIME || timeMs > this.#sealed.maxTimeMs) return "in_order";
      last = this.#sealed.lastTimeOf(slot);
      this.registry.lastTime[slot] = last;
      if (timeMs > last) return "in_order";
    }
    if (timeMs === last || last - timeMs <= this.#options.outOfOrderWindowMs) return "late";
    return this.#options.outOfOrderWindowMs === 0 ? "out_of_order" : "too_old";
  }

  #find(slot: number, timeMs: number): StoredValue | undefined {
    for (const generation of [this.open, ...this.frozen]) {
      const record = generation.find(slot, timeMs);
      if (record === undefined || this.#sealed.isDeleted(slot, timeMs, generation.id)) continue;
      if (record.kind !== LOOSE_HISTOGRAM) return record;
      return histogramBytes(generation.arena.segments, record);
    }
    return this.#sealed.find(slot, timeMs);
  }

  #reject(
    outcome: Outcome,
    ref: SeriesRef,
    timeMs: number,
    verdict: Exclude<Verdict, "in_order" | "late">,
  ): void {
    if (verdict === "repeat") {
      outcome.appended++;
      return;
    }
    const slot = this.registry.slotOf(ref);
    const name = this.registry.labelsOf(slot).toString();
    const last = this.registry.lastTime[slot]!;
    const message =
      verdict === "duplicate_timestamp"
        ? `${name} already has another value at ${timeMs}`
        : `${name}: time ${timeMs} is ${last - timeMs} ms older than its newest, ` +
          `more than outOfOrderWindowMs ${this.#options.outOfOrderWindowMs}`;
    outcome.reject({ reason: verdict, message }, ref, timeMs);
  }

  #growScratch(length: number): void {
    this.#slots = new Uint32Array(length * 2);
    this.#words = new Uint32Array(length * 4);
    this.#starts = new Float64Array(length * 2);
  }
}

interface Rejection {
  readonly reason: SampleRejectReason;
  readonly message: string;
}

/** An AppendResult in the making. */
class Outcome {
  appended = 0;
  rejected = 0;
  rejectedHistograms = 0;
  readonly rejections: SampleRejection[] = [];
  readonly unknownSeries: SeriesRef[] = [];
  readonly #byReason = new Map<SampleRejectReason, number>();

  reject(rejection: Rejection, series: SeriesRef, timeMs: number): void {
    this.rejected++;
    this.#byReason.set(rejection.reason, (this.#byReason.get(rejection.reason) ?? 0) + 1);
    if (this.rejections.length < REJECTIONS_REPORTED_MAX)
      this.rejections.push({ ...rejection, series, timeMs });
  }

  unknown(series: SeriesRef, timeMs: number): void {
    this.unknownSeries.push(series);
    this.reject(
      { reason: "unknown_series", message: `series ref ${series} is not known any more` },
      series,
      timeMs,
    );
  }

  result(): HeadAppendResult {
    const { appended, rejected, rejectedHistograms, rejections, unknownSeries } = this;
    const rejectedByReason = this.#byReason;
    return { appended, rejected, rejectedHistograms, rejections, unknownSeries, rejectedByReason };
  }
}

function rejectAll(row: SampleRow, rejection: Rejection, outcome: Outcome): void {
  for (const ref of row.series) outcome.reject(rejection, ref, row.timeMs);
  for (const { series } of row.histograms ?? []) outcome.reject(rejection, series, row.timeMs);
  outcome.rejectedHistograms += row.histograms?.length ?? 0;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
