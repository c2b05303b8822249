/** The functions of the language: argument and result types, and which of them a feature flag guards. */
import { QUANTILES_MAX } from "../limits.ts";
import type { ValueType } from "./value-type.ts";

export interface FunctionSignature {
  readonly args: readonly ValueType[];
  /**
   * How many of the last arguments may be left out; Infinity: the last may repeat any number of times, or be
   * absent.
   */
  readonly optional: number;
  /** With optional arguments that repeat: how many arguments there may be at most. */
  readonly argsMax: number;
  readonly returns: ValueType;
  readonly experimental: boolean;
}

function signature(
  args: readonly ValueType[],
  options: Partial<Omit<FunctionSignature, "args">> = {},
): FunctionSignature {
  return { optional: 0, argsMax: args.length, returns: "vector", experimental: false, ...options, args };
}

const ofVector = signature(["vector"]);
const ofMatrix = signature(["matrix"]);
const ofTime = signature(["vector"], { optional: 1 });
const experimentalOfMatrix = signature(["matrix"], { experimental: true });
const queryConstant = signature([], { returns: "scalar", experimental: true });
const sortByLabel = signature(["vector", "string"], { optional: 1, argsMax: Infinity, experimental: true });
const twoScalars = signature(["scalar", "scalar"], { returns: "scalar", experimental: true });

export const FUNCTIONS = {
  abs: ofVector,
  absent: ofVector,
  absent_over_time: ofMatrix,
  acos: ofVector,
  acosh: ofVector,
  asin: ofVector,
  asinh: ofVector,
  atan: ofVector,
  atanh: ofVector,
  avg_over_time: ofMatrix,
  ceil: ofVector,
  changes: ofMatrix,
  clamp: signature(["vector", "scalar", "scalar"]),
  clamp_max: signature(["vector", "scalar"]),
  clamp_min: signature(["vector", "scalar"]),
  cos: ofVector,
  cosh: ofVector,
  count_over_time: ofMatrix,
  day_of_month: ofTime,
  day_of_week: ofTime,
  day_of_year: ofTime,
  days_in_month: ofTime,
  deg: ofVector,
  delta: ofMatrix,
  deriv: ofMatrix,
  double_exponential_smoothing: signature(["matrix", "scalar", "scalar"], { experimental: true }),
  end: queryConstant,
  exp: ofVector,
  first_over_time: ofMatrix,
  floor: ofVector,
  histogram_avg: ofVector,
  histogram_count: ofVector,
  histogram_fraction: signature(["scalar", "scalar", "vector"]),
  histogram_quantile: signature(["scalar", "vector"]),
  histogram_quantiles: signature(["vector", "string", "scalar"], {
    argsMax: 2 + QUANTILES_MAX,
    experimental: true,
  }),
  histogram_stddev: ofVector,
  histogram_stdvar: ofVector,
  histogram_sum: ofVector,
  hour: ofTime,
  idelta: ofMatrix,
  increase: ofMatrix,
  info: signature(["vector", "vector"], { optional: 1, experimental: true }),
  irate: ofMatrix,
  label_join: signature(["vector", "string", "string", "string"], { optional: 1, argsMax: Infinity }),
  label_replace: signature(["vector", "string", "string", "string", "string"]),
  last_over_time: ofMatrix,
  ln: ofVector,
  log10: ofVector,
  log2: ofVector,
  mad_over_time: experimentalOfMatrix,
  max_of: twoScalars,
  max_over_time: ofMatrix,
  min_of: twoScalars,
  min_over_time: ofMatrix,
  minute: ofTime,
  month: ofTime,
  pi: signature([], { returns: "scalar" }),
  predict_linear: signature(["matrix", "scalar"]),
  present_over_time: ofMatrix,
  quantile_over_time: signature(["scalar", "matrix"]),
  rad: ofVector,
  range: queryConstant,
  rate: ofMatrix,
  resets: ofMatrix,
  round: signature(["vector", "scalar"], { optional: 1 }),
  scalar: signature(["vector"], { returns: "scalar" }),
  sgn: ofVector,
  sin: ofVector,
  sinh: ofVector,
  sort: ofVector,
  sort_by_label: sortByLabel,
  sort_by_label_desc: sortByLabel,
  sort_desc: ofVector,
  sqrt: ofVector,
  start: queryConstant,
  start_timestamp: signature(["vector"], { experimental: true }),
  stddev_over_time: ofMatrix,
  stdvar_over_time: ofMatrix,
  step: queryConstant,
  sum_over_time: ofMatrix,
  tan: ofVector,
  tanh: ofVector,
  time: signature([], { returns: "scalar" }),
  timestamp: ofVector,
  ts_of_first_over_time: experimentalOfMatrix,
  ts_of_last_over_time: experimentalOfMatrix,
  ts_of_max_over_time: experimentalOfMatrix,
  ts_of_min_over_time: experimentalOfMatrix,
  vector: signature(["scalar"]),
  year: ofTime,
} as const satisfies Record<string, FunctionSignature>;

export type FunctionName = keyof typeof FUNCTIONS;

export function isFunctionName(text: string): text is FunctionName {
  return Object.hasOwn(FUNCTIONS, text);
}
