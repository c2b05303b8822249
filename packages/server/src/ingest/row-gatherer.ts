/**
 * Gathers the samples of a write request into rows: those of one sender, (job, instance), and one time are a
 * row, as the scrape was that they came from. A series that comes twice at one time gets a row of its own for
 * the second sample.
 */
import { copyValue, wordsOf, type Exemplar, type HistogramSample, type SampleRow } from "@binnacle/model";
import type { DecodedWrite } from "@binnacle/wire";
import { NO_GROUP, type ResolvedSeries } from "./known-writers.ts";

/** The rows of one sender, by time. */
interface Group {
  readonly name: string;
  readonly rows: Map<number, RowBuilder>;
}

/** What is gathered of a decoded request. */
export type GatheredRequest = Pick<
  DecodedWrite,
  "sampleOffsets" | "sampleTimes" | "sampleValues" | "sampleStartTimes" | "histograms" | "exemplars"
>;

/**
 * Rows in order of time within each sender, so that they are cheapest to store. `isWanted` narrows it to some
 * series.
 */
export function gatherRows(
  request: GatheredRequest,
  series: ResolvedSeries,
  isWanted?: (series: number) => boolean,
): SampleRow[] {
  const { sampleOffsets, sampleTimes, sampleValues, sampleStartTimes } = request;
  const { refs, groupNames, isDistinct } = series;
  if (isWanted === undefined && isOneRow(request, series)) {
    const startTimes = sampleStartTimes === undefined ? {} : { startTimes: sampleStartTimes };
    const group = groupNames[series.groups[0]!]!;
    return [{ group, timeMs: sampleTimes[0]!, series: refs, values: sampleValues, ...startTimes }];
  }
  const words = wordsOf(request.sampleValues);
  const groups = new Map<number, Group>();
  const repeats: RowBuilder[] = [];
  const groupOfSeries: (Group | undefined)[] = [];
  const seen = new Set<number>();

  for (let i = 0; i < refs.length; i++) {
    const ref = refs[i]!;
    const isTaken = series.groups[i] !== NO_GROUP && isWanted?.(i) !== false;
    const group = isTaken ? groupOf(groups, series.groups[i]!, groupNames) : undefined;
    groupOfSeries.push(group);
    if (group === undefined) continue;
    // Senders give a series once, its samples together; one that comes again must not be in a row twice.
    const isAgain = !isDistinct && seen.has(ref);
    if (!isDistinct) seen.add(ref);
    for (let s = sampleOffsets[i]!; s < sampleOffsets[i + 1]!; s++) {
      let row = rowOf(group, sampleTimes[s]!);
      if (isAgain || row.lastRef === ref) repeats.push((row = new RowBuilder(group.name, row.timeMs)));
      row.add(ref, words, s, sampleStartTimes?.[s] ?? 0);
    }
  }
  for (const { series: i, timeMs, startTimeMs, value } of request.histograms) {
    const group = groupOfSeries[i];
    if (group !== undefined) rowOf(group, timeMs).histograms.push({ series: refs[i]!, value, startTimeMs });
  }
  for (const { series: i, ...exemplar } of request.exemplars) {
    const group = groupOfSeries[i];
    if (group !== undefined) rowOf(group, exemplar.timeMs).exemplars.push({ series: refs[i]!, ...exemplar });
  }

  const rows: SampleRow[] = [];
  for (const group of groups.values()) {
    const builders = [...group.rows.values()].sort((a, b) => a.timeMs - b.timeMs);
    for (const builder of builders) rows.push(builder.finish());
  }
  for (const builder of repeats) rows.push(builder.finish());
  return rows;
}

/** Whether the request is a scrape as one sender forwards it: its columns are the row then. */
function isOneRow(request: GatheredRequest, series: ResolvedSeries): boolean {
  const { sampleTimes, sampleOffsets, histograms, exemplars } = request;
  const { groups, isDistinct } = series;
  const count = groups.length;
  if (count === 0 || sampleTimes.length !== count || !isDistinct) return false;
  if (histograms.length > 0 || exemplars.length > 0) return false;
  const group = groups[0]!;
  const timeMs = sampleTimes[0]!;
  if (group === NO_GROUP) return false;
  for (let i = 0; i < count; i++) {
    if (groups[i] !== group || sampleTimes[i] !== timeMs || sampleOffsets[i] !== i) return false;
  }
  return true;
}

function groupOf(groups: Map<number, Group>, id: number, names: readonly string[]): Group {
  let group = groups.get(id);
  if (group === undefined) groups.set(id, (group = { name: names[id]!, rows: new Map() }));
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
