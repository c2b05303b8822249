/**
 * How Prometheus writes the bounds of classic histograms and summaries, whatever an exporter writes: as
 * OpenMetrics does, so that `le="1"` and `le="1.0"` are one series.
 */
import { type Labels, METRIC_NAME, type MetricType } from "@binnacle/model";
import { parseFloatText } from "./float.ts";

/**
 * The labels with `le` or `quantile` spelled canonically, where the metric's type says that it is a number.
 */
export function normalizeBounds(labels: Labels, typeOf: (metric: string) => MetricType | undefined): Labels {
  const name = labels.get(METRIC_NAME);
  if (name.endsWith("_bucket") && labels.has("le") && typeOf(name.slice(0, -7)) === "histogram") {
    return normalized(labels, "le");
  }
  if (labels.has("quantile") && typeOf(name) === "summary") return normalized(labels, "quantile");
  return labels;
}

function normalized(labels: Labels, label: string): Labels {
  const text = labels.get(label);
  const value = parseFloatText(text);
  return value === undefined ? labels : labels.with({ [label]: formatBound(value) });
}

/** Go's shortest %g, with a point where it has neither point nor exponent. */
export function formatBound(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [digits = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    const sign = exponent < 0 ? "-" : "+";
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}
