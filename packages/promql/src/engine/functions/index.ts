/** The functions of the language: a registry of what each does. */
import type { CallExpr, FunctionName } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StepGrid } from "../grid.ts";
import type { StepSeries, Value } from "../step-series.ts";
import type { Streaming } from "../streaming.ts";
import { absent, absentOverTime } from "./absent.ts";
import { changes, resets } from "./changes.ts";
import * as dates from "./dates.ts";
import type { FunctionImplementation } from "./function-types.ts";
import * as parts from "./histogram-parts.ts";
import { histogramFraction, histogramQuantile, histogramQuantiles } from "./histogram-quantile.ts";
import { info } from "./info.ts";
import { idelta, irate } from "./instant-rate.ts";
import { labelJoin, labelReplace } from "./labels.ts";
import * as math from "./math.ts";
import * as over from "./over-time.ts";
import { delta, increase, rate } from "./rate.ts";
import { deriv, doubleExponentialSmoothing, predictLinear } from "./regression.ts";
import * as scalars from "./scalars.ts";
import * as sorting from "./sorting.ts";

const FUNCTION: Record<FunctionName, FunctionImplementation> = {
  abs: math.abs,
  absent,
  absent_over_time: absentOverTime,
  acos: math.acos,
  acosh: math.acosh,
  asin: math.asin,
  asinh: math.asinh,
  atan: math.atan,
  atanh: math.atanh,
  avg_over_time: over.avgOverTime,
  ceil: math.ceil,
  changes,
  clamp: math.clamp,
  clamp_max: math.clampMax,
  clamp_min: math.clampMin,
  cos: math.cos,
  cosh: math.cosh,
  count_over_time: over.countOverTime,
  day_of_month: dates.dayOfMonth,
  day_of_week: dates.dayOfWeek,
  day_of_year: dates.dayOfYear,
  days_in_month: dates.daysInMonth,
  deg: math.deg,
  delta,
  deriv,
  double_exponential_smoothing: doubleExponentialSmoothing,
  end: scalars.end,
  exp: math.exp,
  first_over_time: over.firstOverTime,
  floor: math.floor,
  histogram_avg: parts.histogramAvg,
  histogram_count: parts.histogramCount,
  histogram_fraction: histogramFraction,
  histogram_quantile: histogramQuantile,
  histogram_quantiles: histogramQuantiles,
  histogram_stddev: parts.histogramStddev,
  histogram_stdvar: parts.histogramStdvar,
  histogram_sum: parts.histogramSum,
  hour: dates.hour,
  idelta,
  increase,
  info,
  irate,
  label_join: labelJoin,
  label_replace: labelReplace,
  last_over_time: over.lastOverTime,
  ln: math.ln,
  log10: math.log10,
  log2: math.log2,
  mad_over_time: over.madOverTime,
  max_of: scalars.maxOf,
  max_over_time: over.maxOverTime,
  min_of: scalars.minOf,
  min_over_time: over.minOverTime,
  minute: dates.minute,
  month: dates.month,
  pi: scalars.pi,
  predict_linear: predictLinear,
  present_over_time: over.presentOverTime,
  quantile_over_time: over.quantileOverTime,
  rad: math.rad,
  range: scalars.range,
  rate,
  resets,
  round: math.round,
  scalar: scalars.scalar,
  sgn: math.sgn,
  sin: math.sin,
  sinh: math.sinh,
  sort: sorting.sort,
  sort_by_label: sorting.sortByLabel,
  sort_by_label_desc: sorting.sortByLabelDesc,
  sort_desc: sorting.sortDesc,
  sqrt: math.sqrt,
  start: scalars.start,
  start_timestamp: dates.startTimestamp,
  stddev_over_time: over.stddevOverTime,
  stdvar_over_time: over.stdvarOverTime,
  step: scalars.step,
  sum_over_time: over.sumOverTime,
  tan: math.tan,
  tanh: math.tanh,
  time: scalars.time,
  timestamp: dates.timestamp,
  ts_of_first_over_time: over.tsOfFirstOverTime,
  ts_of_last_over_time: over.tsOfLastOverTime,
  ts_of_max_over_time: over.tsOfMaxOverTime,
  ts_of_min_over_time: over.tsOfMinOverTime,
  vector: scalars.vector,
  year: dates.year,
};

export function evaluateCall(call: CallExpr, grid: StepGrid, evaluation: Evaluation): Value {
  return FUNCTION[call.func](call, grid, evaluation);
}

/** The same series by series; undefined for a function that cannot. */
export function streamCall(
  call: CallExpr,
  grid: StepGrid,
  evaluation: Evaluation,
  streaming: Streaming,
): Iterable<StepSeries> | undefined {
  return FUNCTION[call.func].stream?.(call, grid, evaluation, streaming);
}
