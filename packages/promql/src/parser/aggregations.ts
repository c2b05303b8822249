/** The aggregation operators: what parameter each takes and whether a feature flag guards it. */

interface Aggregation {
  readonly param: "scalar" | "string" | undefined;
  readonly experimental: boolean;
}

const plain: Aggregation = { param: undefined, experimental: false };
const withScalar: Aggregation = { param: "scalar", experimental: false };
const experimentalWithScalar: Aggregation = { param: "scalar", experimental: true };

export const AGGREGATIONS = {
  avg: plain,
  bottomk: withScalar,
  count: plain,
  count_values: { param: "string", experimental: false },
  group: plain,
  limit_ratio: experimentalWithScalar,
  limitk: experimentalWithScalar,
  max: plain,
  min: plain,
  quantile: withScalar,
  stddev: plain,
  stdvar: plain,
  sum: plain,
  topk: withScalar,
} as const satisfies Record<string, Aggregation>;

export type AggregationName = keyof typeof AGGREGATIONS;

export function isAggregationName(text: string): text is AggregationName {
  return Object.hasOwn(AGGREGATIONS, text);
}
