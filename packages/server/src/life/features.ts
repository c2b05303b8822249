/**
 * What this server can do, by category, under Prometheus's names: a client may ask before it relies on it.
 */
import { SEARCH_ALGORITHMS } from "@binnacle/api";
import { AGGREGATIONS, FEATURES, FUNCTIONS } from "@binnacle/promql/parser";
import type { Config } from "../config/config.ts";

type Features = Record<string, Record<string, boolean>>;

export function featuresData({ features, mode }: Pick<Config, "features" | "mode">): Features {
  const stores = mode !== "agent";
  const has = (flag: keyof typeof FEATURES): boolean => features.has(FEATURES[flag]);
  const experimental = has("experimentalFunctions");
  const fuzzy = SEARCH_ALGORITHMS.map((name) => [`search_fuzz_alg_${name}`, stores] as const);
  return {
    api: {
      admin: stores,
      exclude_alerts: stores,
      label_values_match: stores,
      lifecycle: true,
      "openapi_3.1": true,
      otlp_write_receiver: true,
      query_stats: stores,
      query_warnings: stores,
      remote_write_receiver: true,
      search: stores,
      ...Object.fromEntries(fuzzy),
      time_range_labels: stores,
      time_range_series: stores,
    },
    promql: {
      anchored: has("extendedRangeSelectors"),
      at_modifier: true,
      bool: true,
      by: true,
      delayed_name_removal: has("delayedNameRemoval"),
      duration_expr: true,
      fill_modifiers: has("fillModifiers"),
      group_left: true,
      group_right: true,
      ignoring: true,
      negative_offset: true,
      offset: true,
      on: true,
      per_query_lookback_delta: true,
      per_step_stats: false,
      smoothed: has("extendedRangeSelectors"),
      subqueries: true,
      type_and_unit_labels: has("typeAndUnitLabels"),
      use_start_timestamps: has("useStartTimestamps"),
      without: true,
    },
    promql_functions: enabledOf(FUNCTIONS, experimental),
    promql_operators: enabledOf(AGGREGATIONS, experimental),
  };
}

/** What is experimental is there, and off unless its flag says otherwise. */
function enabledOf(
  table: Readonly<Record<string, { readonly experimental: boolean }>>,
  experimental: boolean,
): Record<string, boolean> {
  const names = Object.keys(table).sort();
  return Object.fromEntries(names.map((name) => [name, experimental || !table[name]!.experimental]));
}
