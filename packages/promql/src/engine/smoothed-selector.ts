/** `metric smoothed`: at each step the line between the samples around it. */
import type { VectorSelector } from "../parser/index.ts";
import { METRIC_NAME } from "@binnacle/model";
import type { Evaluation } from "./evaluation.ts";
import { timeAt, type StepGrid } from "./grid.ts";
import { interpolateHistograms } from "./histogram/interpolate.ts";
import { withoutStale } from "./loaded-series.ts";
import { shifted, timeShiftOf } from "./time-shift.ts";
import type { StepSeries, VectorValue } from "./step-series.ts";

export function smoothedSelector(
  selector: VectorSelector,
  grid: StepGrid,
  evaluation: Evaluation,
): VectorValue {
  const { frame, annotations } = evaluation;
  const shift = timeShiftOf(frame, selector);
  const result: StepSeries[] = [];
  for (const loaded of evaluation.loads.get(selector)) {
    evaluation.context.check();
    const { labels, floats, histograms } = withoutStale(loaded);
    const columns = evaluation.columns(grid);
    let f = -1;
    let h = -1;
    for (let step = 0; step < grid.count; step++) {
      const timeMs = shifted(shift, timeAt(grid, step));
      while (f + 1 < floats.times.length && floats.times[f + 1]! <= timeMs) f++;
      while (h + 1 < histograms.times.length && histograms.times[h + 1]! <= timeMs) h++;
      const float = neighbours(floats.times, f, timeMs, frame.lookbackDeltaMs);
      const histogram = neighbours(histograms.times, h, timeMs, frame.lookbackDeltaMs);
      if (float !== undefined && histogram !== undefined) {
        annotations.mixedFloatsHistograms(selector, labels.get(METRIC_NAME));
        continue;
      }
      if (float?.before !== undefined) {
        const v1 = floats.values[float.before]!;
        const t1 = floats.times[float.before]!;
        if (float.after === undefined || t1 === timeMs) {
          columns.setFloat(step, v1);
          continue;
        }
        const v2 = floats.values[float.after]!;
        const t2 = floats.times[float.after]!;
        columns.setFloat(step, v1 + ((v2 - v1) * (timeMs - t1)) / (t2 - t1));
      }
      if (histogram?.before !== undefined) {
        const first = {
          timeMs: histograms.times[histogram.before]!,
          value: histograms.values[histogram.before]!,
        };
        if (histogram.after === undefined || first.timeMs === timeMs) {
          columns.setHistogram(step, first.value);
          continue;
        }
        const second = {
          timeMs: histograms.times[histogram.after]!,
          value: histograms.values[histogram.after]!,
        };
        const isCounter = first.value.hint !== "gauge" && second.value.hint !== "gauge";
        const at = { place: selector, metricName: labels.get(METRIC_NAME), annotations };
        const between = interpolateHistograms(first, second, timeMs, isCounter, at);
        if (between !== undefined) columns.setHistogram(step, between);
      }
    }
    if (!columns.isEmpty) result.push(columns.toSeries(labels, false));
  }
  return { type: "vector", series: result };
}

interface Neighbours {
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** The samples around a time, each at most a lookback away; undefined where there is neither. */
function neighbours(
  times: Float64Array,
  at: number,
  timeMs: number,
  lookbackMs: number,
): Neighbours | undefined {
  const before = at >= 0 && times[at]! > timeMs - lookbackMs ? at : undefined;
  const after = at + 1 < times.length && times[at + 1]! <= timeMs + lookbackMs ? at + 1 : undefined;
  return before === undefined && after === undefined ? undefined : { before, after };
}
