/** A selector at each step: the newest sample in its lookback, unless that says that the series ended. */
import type { VectorSelector } from "../parser/index.ts";
import type { Evaluation } from "./evaluation.ts";
import { timeAt, type StepGrid } from "./grid.ts";
import type { LoadedSeries } from "./loaded-series.ts";
import { shifted, timeShiftOf, type TimeShift } from "./time-shift.ts";
import { smoothedSelector } from "./smoothed-selector.ts";
import { ByTimes } from "./sample-windows.ts";
import { FLOAT, floatSteps, type FloatSteps, type StepColumns, type StepSeries } from "./step-series.ts";
import { ColumnPool } from "./column-pool.ts";
import type { Streaming } from "./streaming.ts";

/** What a visitor gets for each step that has a sample. */
interface Found {
  (step: number, kind: "float" | "histogram", index: number): void;
}

/** One moving edge for each kind of sample: the cost is samples plus steps. */
function eachStep(
  series: LoadedSeries,
  grid: StepGrid,
  timeOf: (step: number) => number,
  lookbackMs: number,
  found: Found,
): void {
  const { floats, histograms } = series;
  const { times } = floats;
  const histogramTimes = histograms.times;
  let f = -1;
  let h = -1;
  for (let step = 0; step < grid.count; step++) {
    const timeMs = timeOf(step);
    while (f + 1 < times.length && times[f + 1]! <= timeMs) f++;
    while (h + 1 < histogramTimes.length && histogramTimes[h + 1]! <= timeMs) h++;
    const afterMs = timeMs - lookbackMs;
    const floatMs = f < 0 ? -Infinity : times[f]!;
    const histogramMs = h < 0 ? -Infinity : histogramTimes[h]!;
    if (floatMs >= histogramMs) {
      if (floatMs > afterMs && floats.stale?.[f] !== 1) found(step, "float", f);
    } else if (histogramMs > afterMs && histograms.stale?.[h] !== 1) {
      found(step, "histogram", h);
    }
  }
}

/** Which sample of a column of times each step sees. */
interface SeenSamples {
  /** By step: its index, −1 where none is new enough. */
  readonly indexes: Int32Array;
  readonly steps: FloatSteps;
  /** What to add to a step for its sample's index, where that is true of all steps that have one. */
  readonly shift: number | undefined;
}

function findSamples(
  times: Float64Array,
  grid: StepGrid,
  timeOf: (step: number) => number,
  lookbackMs: number,
): SeenSamples {
  const indexes = new Int32Array(grid.count);
  const kinds = new Uint8Array(grid.count);
  let at = -1;
  for (let step = 0; step < grid.count; step++) {
    const timeMs = timeOf(step);
    while (at + 1 < times.length && times[at + 1]! <= timeMs) at++;
    const isSeen = at >= 0 && times[at]! > timeMs - lookbackMs;
    indexes[step] = isSeen ? at : -1;
    if (isSeen) kinds[step] = FLOAT;
  }
  return { indexes, steps: floatSteps(kinds), shift: shiftOf(indexes) };
}

function shiftOf(indexes: Int32Array): number | undefined {
  const first = indexes.findIndex((index) => index >= 0);
  if (first < 0) return undefined;
  const shift = indexes[first]! - first;
  return indexes.every((index, step) => index < 0 || index - step === shift) ? shift : undefined;
}

export function selectSteps(
  selector: VectorSelector,
  grid: StepGrid,
  evaluation: Evaluation,
  streaming: Streaming,
): Iterable<StepSeries> {
  if (selector.extension === "smoothed") return smoothedSelector(selector, grid, evaluation).series;
  return streamSteps(selector, grid, evaluation, streaming);
}

function* streamSteps(
  selector: VectorSelector,
  grid: StepGrid,
  evaluation: Evaluation,
  streaming: Streaming,
): IterableIterator<StepSeries> {
  const shift = timeShiftOf(evaluation.frame, selector);
  const { lookbackDeltaMs } = evaluation.frame;
  const timeOf = (step: number): number => shifted(shift, timeAt(grid, step));
  const samples = new ByTimes(grid.count, (times) => findSamples(times, grid, timeOf, lookbackDeltaMs));
  using pool = new ColumnPool(grid, evaluation, streaming);
  for (const series of evaluation.loads.stream(selector, streaming)) {
    evaluation.context.check();
    const columns = pool.next();
    const { times, values, stale } = series.floats;
    if (series.histograms.times.length === 0) {
      const seen = samples.get(times);
      const isKnown = streaming.presenceOnly === true && stale === undefined && seen.steps.run !== undefined;
      if (isKnown) columns.fillAt(seen.steps);
      else gather(seen, values, stale, columns);
    } else {
      eachStep(series, grid, timeOf, lookbackDeltaMs, (step, kind, index) => {
        if (kind === "float") columns.setFloat(step, values[index]!);
        else columns.setHistogram(step, series.histograms.values[index]!);
      });
    }
    if (!columns.isEmpty) yield columns.toSeries(series.labels, false);
  }
}

function gather(
  { indexes, steps, shift }: SeenSamples,
  values: Float64Array,
  stale: Uint8Array | undefined,
  out: StepColumns,
): void {
  const { kinds, values: results } = out;
  if (stale === undefined && steps.run !== undefined) {
    const { from, to } = steps.run;
    if (shift === undefined) for (let step = from; step < to; step++) results[step] = values[indexes[step]!]!;
    else for (let step = from; step < to; step++) results[step] = values[step + shift]!;
    out.fillAt(steps);
    return;
  }
  let isEmpty = true;
  for (let step = 0; step < indexes.length; step++) {
    const index = indexes[step]!;
    if (index < 0 || (stale !== undefined && stale[index] === 1)) continue;
    kinds[step] = FLOAT;
    results[step] = values[index]!;
    isEmpty = false;
  }
  if (!isEmpty) out.noteFloats();
}

/** Which sample a step sees: the newest up to its shifted time, unless that is older than the lookback. */
export interface TimesWindow {
  readonly shift: TimeShift;
  readonly lookbackMs: number;
}

/** The samples' times (or start times) instead of their values, in seconds; the names are still there. */
export function selectTimes(
  selector: VectorSelector,
  grid: StepGrid,
  evaluation: Evaluation,
  which: "time" | "startTime",
  window: TimesWindow = {
    shift: timeShiftOf(evaluation.frame, selector),
    lookbackMs: evaluation.frame.lookbackDeltaMs,
  },
): readonly { readonly series: LoadedSeries; readonly columns: StepColumns }[] {
  const { shift, lookbackMs } = window;
  const timeOf = (step: number): number => shifted(shift, timeAt(grid, step));
  const result: { series: LoadedSeries; columns: StepColumns }[] = [];
  for (const series of evaluation.loads.get(selector)) {
    evaluation.context.check();
    const columns = evaluation.columns(grid);
    eachStep(series, grid, timeOf, lookbackMs, (step, kind, index) => {
      const column = kind === "float" ? series.floats : series.histograms;
      const timeMs = which === "time" ? column.times[index]! : (column.startTimes?.[index] ?? 0);
      columns.setFloat(step, timeMs / 1000);
    });
    if (!columns.isEmpty) result.push({ series, columns });
  }
  return result;
}
