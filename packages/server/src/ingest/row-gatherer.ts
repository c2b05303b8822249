/**
 * Gathers the samples of a write request into rows: those of one sender, (job, instance), and one time are a
 * row, as the scrape was that they came from. A series that comes twice at one time gets a row of its own for
 * the second sample.
 */
import {
  copyValue,
  GROUP_NAME_LENGTH_MAX,
  wordsOf,
  type Exemplar,
  type HistogramSample,
  type MetricSink,
  type SampleRow,
} from "@binnacle/model";
import type { WriteRequest } from "@binnacle/wire";

/** The rows of one sender, by time. */
interface Group {
  readonly name: string;
  readonly rows: Map<number, RowBuilder>;
}

/** Rows in order of time within each sender, so that they are cheapest to store. */
export function gatherRows(request: WriteRequest, sink: MetricSink): SampleRow[] {
  const { labels, sampleOffsets, sampleTimes, sampleStartTimes } = request;
  const words = wordsOf(request.sampleValues);
  const groups = new Map<string, Group>();
  const repeats: RowBuilder[] = [];
  const refs = new Uint32Array(labels.length);
  const groupOfSeries: Group[] = [];
  const seen = new Set<number>();

  for (let i = 0; i < labels.length; i++) {
    const ref = sink.series(labels[i]!);
    refs[i] = ref;
    const group = groupOf(groups, `write/${labels[i]!.get("job")}/${labels[i]!.get("instance")}`);
    groupOfSeries.push(group);
    // Senders give a series once, its samples together; one that comes again must not be in a row twice.
    const isAgain = seen.has(ref);
    seen.add(ref);
    for (let s = sampleOffsets[i]!; s < sampleOffsets[i + 1]!; s++) {
      let row = rowOf(group, sampleTimes[s]!);
      if (isAgain || row.lastRef === ref) repeats.push((row = new RowBuilder(group.name, row.timeMs)));
      row.add(ref, words, s, sampleStartTimes?.[s] ?? 0);
    }
  }
  for (const { series, timeMs, startTimeMs, value } of request.histograms) {
    rowOf(groupOfSeries[series]!, timeMs).histograms.push({ series: refs[series]!, value, startTimeMs });
  }
  for (const { series, ...exemplar } of request.exemplars) {
    rowOf(groupOfSeries[series]!, exemplar.timeMs).exemplars.push({ series: refs[series]!, ...exemplar });
  }

  const rows: SampleRow[] = [];
  for (const group of groups.values()) {
    const builders = [...group.rows.values()].sort((a, b) => a.timeMs - b.timeMs);
    for (const builder of builders) rows.push(builder.finish());
  }
  for (const builder of repeats) rows.push(builder.finish());
  return rows;
}

function groupOf(groups: Map<string, Group>, fullName: string): Group {
  const name = fullName.slice(0, GROUP_NAME_LENGTH_MAX);
  let group = groups.get(name);
  if (group === undefined) groups.set(name, (group = { name, rows: new Map() }));
  return group;
}

function rowOf(group: Group, timeMs: number): RowBuilder {
  let row = group.rows.get(timeMs);
  if (row === undefined) group.rows.set(timeMs, (row = new RowBuilder(group.name, timeMs)));
  return row;
}

const CAPACITY_FIRST = 64;

class RowBuilder {
  readonly group: string;
  readonly timeMs: number;
  readonly histograms: HistogramSample[] = [];
  readonly exemplars: Exemplar[] = [];
  /** The series added last, by which a second sample of one time is seen. */
  lastRef = -1;
  #count = 0;
  #series = new Uint32Array(CAPACITY_FIRST);
  #values = new Float64Array(CAPACITY_FIRST);
  #words = wordsOf(this.#values);
  #startTimes: Float64Array | undefined;

  constructor(group: string, timeMs: number) {
    this.group = group;
    this.timeMs = timeMs;
  }

  /** Takes value `index` of a column given by its words: bits, since it may be the stale marker. */
  add(ref: number, words: Uint32Array, index: number, startTimeMs: number): void {
    if (this.#count === this.#series.length) this.#grow();
    this.#series[this.#count] = ref;
    copyValue(this.#words, this.#count, words, index);
    if (startTimeMs !== 0) {
      this.#startTimes ??= new Float64Array(this.#series.length);
      this.#startTimes[this.#count] = startTimeMs;
    }
    this.#count++;
    this.lastRef = ref;
  }

  finish(): SampleRow {
    const startTimes = this.#startTimes?.subarray(0, this.#count);
    return {
      group: this.group,
      timeMs: this.timeMs,
      series: this.#series.subarray(0, this.#count),
      values: this.#values.subarray(0, this.#count),
      ...(startTimes === undefined ? {} : { startTimes }),
      ...(this.histograms.length === 0 ? {} : { histograms: this.histograms }),
      ...(this.exemplars.length === 0 ? {} : { exemplars: this.exemplars }),
    };
  }

  #grow(): void {
    const capacity = this.#series.length * 2;
    const series = new Uint32Array(capacity);
    series.set(this.#series);
    const values = new Float64Array(capacity);
    values.set(this.#values);
    this.#series = series;
    this.#values = values;
    this.#words = wordsOf(values);
    if (this.#startTimes !== undefined) {
      const startTimes = new Float64Array(capacity);
      startTimes.set(this.#startTimes);
      this.#startTimes = startTimes;
    }
  }
}
