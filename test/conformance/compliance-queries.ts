/**
 * What the PromQL compliance suite asks, in templates of our own: literals, selectors, aggregations,
 * operators, functions and subqueries over a demo service's metrics, each with all its variants.
 */

/** `{{name}}` in a template stands for each of these in turn. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  range: ["1s", "15s", "1m", "5m", "15m", "1h"],
  offset: ["1m", "5m", "10m"],
  aggregation: ["sum", "avg", "max", "min", "count", "stddev", "stdvar"],
  topOp: ["topk", "bottomk"],
  quantile: ["-0.5", "0.1", "0.5", "0.75", "0.95", "0.90", "0.99", "1", "1.5"],
  arithmetic: ["+", "-", "*", "/", "%", "^"],
  comparison: ["==", "!=", "<", ">", "<=", ">="],
  binary: ["+", "-", "*", "/", "%", "^", "==", "!=", "<", ">", "<=", ">="],
  overTime: ["sum", "avg", "max", "min", "count", "stddev", "stdvar", "absent", "last"],
  math: ["abs", "ceil", "floor", "exp", "sqrt", "ln", "log2", "log10", "round"],
  extrapolated: ["delta", "rate", "increase"],
  instantaneous: ["idelta", "irate"],
  clamp: ["clamp_min", "clamp_max"],
  date: ["day_of_month", "day_of_week", "days_in_month", "hour", "minute", "month", "year"],
};

const LITERALS = ["42", "1.234", ".123", "1.23e-3", "0x3d", "Inf", "+Inf", "-Inf", "NaN"];

const SELECTORS = [
  "demo_memory_usage_bytes",
  '{__name__="demo_memory_usage_bytes"}',
  'demo_memory_usage_bytes{type="free"}',
  'demo_memory_usage_bytes{type!="free"}',
  'demo_memory_usage_bytes{instance=~"demo.promlabs.com:.*"}',
  'demo_memory_usage_bytes{instance=~"host"}',
  'demo_memory_usage_bytes{instance!~".*:10000"}',
  'demo_memory_usage_bytes{type="free", instance!="demo.promlabs.com:10000"}',
  '{type="free", instance!="demo.promlabs.com:10000"}',
  '{__name__=~".*"}',
  "nonexistent_metric_name",
  "demo_memory_usage_bytes offset {{offset}}",
  "demo_memory_usage_bytes offset -{{offset}}",
  "demo_intermittent_metric",
];

const AGGREGATIONS = [
  "{{aggregation}}(demo_memory_usage_bytes)",
  "{{aggregation}}(nonexistent_metric_name)",
  "{{aggregation}} by () (demo_memory_usage_bytes)",
  "{{aggregation}} by (instance) (demo_memory_usage_bytes)",
  "{{aggregation}} by (instance, type) (demo_memory_usage_bytes)",
  "{{aggregation}} by (nonexistent) (demo_memory_usage_bytes)",
  "{{aggregation}} without () (demo_memory_usage_bytes)",
  "{{aggregation}} without (instance) (demo_memory_usage_bytes)",
  "{{aggregation}} without (instance, type) (demo_memory_usage_bytes)",
  "{{aggregation}} without (nonexistent) (demo_memory_usage_bytes)",
  "{{topOp}}(3, demo_memory_usage_bytes)",
  "{{topOp}} by (instance) (2, demo_memory_usage_bytes)",
  "{{topOp}} without (instance) (2, demo_memory_usage_bytes)",
  "quantile({{quantile}}, demo_memory_usage_bytes)",
  "avg(max by (type) (demo_memory_usage_bytes))",
  'count_values("value", demo_num_cpus)',
];

const BINARY = [
  "1 * 2 + 4 / 6 - 10 % 2 ^ 2",
  "demo_num_cpus + (1 {{comparison}} bool 2)",
  "demo_memory_usage_bytes {{binary}} 1.2345",
  "demo_memory_usage_bytes {{comparison}} bool 1.2345",
  "1.2345 {{comparison}} bool demo_memory_usage_bytes",
  "0.12345 {{binary}} demo_memory_usage_bytes",
  "(1 * 2 + 4 / 6 - (10 % 7)) {{arithmetic}} demo_memory_usage_bytes",
  "demo_memory_usage_bytes {{arithmetic}} (1 * 2 + 4 / 6 - 10)",
  "timestamp(demo_memory_usage_bytes * 1)",
  "timestamp(-demo_memory_usage_bytes)",
  "demo_memory_usage_bytes {{binary}} on (instance, job, type) demo_memory_usage_bytes",
  "sum by (instance, type) (demo_memory_usage_bytes) {{binary}} on (instance, type) group_left (job) demo_memory_usage_bytes",
  "demo_memory_usage_bytes {{comparison}} bool on (instance, job, type) demo_memory_usage_bytes",
  "demo_memory_usage_bytes / on (instance, job, type, __name__) demo_memory_usage_bytes",
  "sum without (job) (demo_memory_usage_bytes) / on (instance, type) demo_memory_usage_bytes",
  "sum without (job) (demo_memory_usage_bytes) / on (instance, type) group_left demo_memory_usage_bytes",
  "sum without (job) (demo_memory_usage_bytes) / on (instance, type) group_left (job) demo_memory_usage_bytes",
  "demo_memory_usage_bytes / on (instance, job) group_left demo_num_cpus",
  "demo_memory_usage_bytes / on (instance, type, job, non_existent) demo_memory_usage_bytes",
];

const NUMBERS = [
  "demo_num_cpus * Inf",
  "demo_num_cpus * -Inf",
  "demo_num_cpus * NaN",
  "demo_memory_usage_bytes + -(1)",
  "-demo_memory_usage_bytes",
  "-1 ^ 2",
];

const NON_CONSTANT = [
  "1 {{arithmetic}} time()",
  "time() {{arithmetic}} 1",
  "time() {{comparison}} bool 1",
  "1 {{comparison}} bool time()",
  "time() {{arithmetic}} time()",
  "time() {{comparison}} bool time()",
  "time() {{binary}} demo_memory_usage_bytes",
  "demo_memory_usage_bytes {{binary}} time()",
];

const FUNCTIONS = [
  "{{overTime}}_over_time(demo_memory_usage_bytes[{{range}}])",
  "quantile_over_time({{quantile}}, demo_memory_usage_bytes[{{range}}])",
  "timestamp(demo_num_cpus)",
  "timestamp(timestamp(demo_num_cpus))",
  "{{math}}(demo_memory_usage_bytes)",
  "{{math}}(-demo_memory_usage_bytes)",
  "{{extrapolated}}(nonexistent_metric[5m])",
  "{{extrapolated}}(demo_cpu_usage_seconds_total[{{range}}])",
  "deriv(demo_disk_usage_bytes[{{range}}])",
  "predict_linear(demo_disk_usage_bytes[{{range}}], 600)",
  "time()",
  'label_replace(demo_num_cpus, "job", "destination-value-$1", "instance", "demo.promlabs.com:(.*)")',
  'label_replace(demo_num_cpus, "job", "destination-value-$1", "instance", "host:(.*)")',
  'label_replace(demo_num_cpus, "job", "$1-$2", "instance", "local(.*):(.*)")',
  'label_replace(demo_num_cpus, "job", "value-$1", "nonexistent-src", "source-value-(.*)")',
  'label_replace(demo_num_cpus, "job", "value-$1", "nonexistent-src", "(.*)")',
  'label_replace(demo_num_cpus, "job", "value-$1", "instance", "non-matching-regex")',
  'label_replace(demo_num_cpus, "job", "", "dst", ".*")',
  'label_replace(demo_num_cpus, "job", "value-$1", "src", "(.*")',
  'label_replace(demo_num_cpus, "~invalid", "", "src", "(.*)")',
  'label_replace(demo_num_cpus, "instance", "", "", "")',
  'label_join(demo_num_cpus, "new_label", "-", "instance", "job")',
  'label_join(demo_num_cpus, "job", "-", "instance", "job")',
  'label_join(demo_num_cpus, "job", "-", "instance")',
  'label_join(demo_num_cpus, "~invalid", "-", "instance")',
  "{{date}}()",
  "{{date}}(demo_batch_last_success_timestamp_seconds offset {{offset}})",
  "{{instantaneous}}(demo_cpu_usage_seconds_total[{{range}}])",
  "{{clamp}}(demo_memory_usage_bytes, 2)",
  "clamp(demo_memory_usage_bytes, 0, 1)",
  "clamp(demo_memory_usage_bytes, 0, 1000000000000)",
  "clamp(demo_memory_usage_bytes, 1000000000000, 0)",
  "clamp(demo_memory_usage_bytes, 1000000000000, 1000000000000)",
  "resets(demo_cpu_usage_seconds_total[{{range}}])",
  "changes(demo_batch_last_success_timestamp_seconds[{{range}}])",
  "vector(1.23)",
  "vector(time())",
  "histogram_quantile({{quantile}}, rate(demo_api_request_duration_seconds_bucket[1m]))",
  "histogram_quantile(0.9, nonexistent_metric)",
  "histogram_quantile(0.9, demo_memory_usage_bytes)",
  'histogram_quantile(0.9, {__name__=~"demo_api_request_duration_seconds_.+"})',
  "absent(demo_memory_usage_bytes)",
  'absent(nonexistent_metric_name{job="demo", type=~"x", instance="a"})',
  "absent(sum(nonexistent_metric_name))",
];

const SUBQUERIES = [
  "max_over_time((time() - max(demo_batch_last_success_timestamp_seconds) < 1000)[5m:10s] offset 5m)",
  "avg_over_time(rate(demo_cpu_usage_seconds_total[1m])[2m:10s])",
];

function expand(template: string): string[] {
  const match = /\{\{(\w+)\}\}/.exec(template);
  if (match === null) return [template];
  return VARIANTS[match[1]!]!.flatMap((variant) => expand(template.replace(match[0], variant)));
}

export const COMPLIANCE_QUERIES: readonly string[] = [
  ...LITERALS,
  ...SELECTORS,
  ...AGGREGATIONS,
  ...BINARY,
  ...NUMBERS,
  ...NON_CONSTANT,
  ...FUNCTIONS,
  ...SUBQUERIES,
].flatMap(expand);
