/**
 * The program's own metrics as JSON of Prometheus's MetricFamily message. 64-bit counts are texts and
 * infinities have names, as protobuf's JSON wants them.
 */
import type { MetricObjectWithValues, MetricValue } from "prom-client";

type Values = MetricObjectWithValues<MetricValue<string>>;
type NamedValue = MetricValue<string> & { readonly metricName?: string };
type Json = Readonly<Record<string, unknown>>;

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "COUNTER" | "GAUGE" | "HISTOGRAM" | "SUMMARY";
  readonly metric: readonly Json[];
}

export function metricFamilies(metrics: readonly Values[]): MetricFamily[] {
  return metrics.map((metric) => {
    const { name, help, values } = metric;
    switch (String(metric.type)) {
      case "counter":
        return { name, help, type: "COUNTER", metric: values.map((it) => single(it, "counter")) };
      case "histogram":
        return { name, help, type: "HISTOGRAM", metric: distributions(metric, "le", histogram) };
      case "summary":
        return { name, help, type: "SUMMARY", metric: distributions(metric, "quantile", summary) };
      default:
        return { name, help, type: "GAUGE", metric: values.map((it) => single(it, "gauge")) };
    }
  });
}

function single({ labels, value }: NamedValue, kind: "counter" | "gauge"): Json {
  return { label: labelPairs(labels), [kind]: { value: number(value) } };
}

interface Distribution {
  readonly points: { readonly at: number; readonly value: number }[];
  sum: number;
  count: number;
}

/** Gathers the series of one distribution, which differ in one label only and in their names' ends. */
function distributions(
  { name, values }: Values,
  pointLabel: string,
  write: (distribution: Distribution) => Json,
): Json[] {
  const all = new Map<string, Distribution & { labels: NamedValue["labels"] }>();
  for (const { labels, value, metricName } of values as readonly NamedValue[]) {
    const { [pointLabel]: point, ...rest } = labels;
    const key = JSON.stringify(rest);
    let found = all.get(key);
    if (found === undefined) all.set(key, (found = { labels: rest, points: [], sum: 0, count: 0 }));
    if (metricName === `${name}_sum`) found.sum = value;
    else if (metricName === `${name}_count`) found.count = value;
    else if (point !== undefined)
      found.points.push({ at: Number(String(point).replace("+Inf", "Infinity")), value });
  }
  return [...all.values()].map((found) => Object.assign({ label: labelPairs(found.labels) }, write(found)));
}

function histogram({ points, sum, count }: Distribution): Json {
  const bucket = points.map(({ at, value }) => ({ cumulativeCount: String(value), upperBound: number(at) }));
  return { histogram: { sampleCount: String(count), sampleSum: number(sum), bucket } };
}

function summary({ points, sum, count }: Distribution): Json {
  const quantile = points.map(({ at, value }) => ({ quantile: at, value: number(value) }));
  return { summary: { sampleCount: String(count), sampleSum: number(sum), quantile } };
}

function labelPairs(labels: NamedValue["labels"]): { name: string; value: string }[] {
  return Object.entries(labels).map(([name, value]) => ({ name, value: String(value) }));
}

function number(value: number): number | string {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}
