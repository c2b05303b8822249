/** Warnings and infos of a query, in Prometheus's words, each once, each with its place. */
import type { Position } from "@binnacle/model";
import { ANNOTATIONS_MAX } from "../limits.ts";
import { formatGeneral, quote } from "../parser/index.ts";

interface Placed {
  readonly position: Position;
}

function forMetric(text: string, metricName: string): string {
  return metricName === "" ? text : `${text} for metric name ${quote(metricName)}`;
}

export type HistogramOperation = "addition" | "subtraction" | "aggregation";

export class Annotations {
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();
  #said = 0;

  /** How often anything was said, again or for the first time. */
  get said(): number {
    return this.#said;
  }

  get warnings(): readonly string[] {
    return capped(this.#warnings, "warning");
  }

  get infos(): readonly string[] {
    return capped(this.#infos, "info");
  }

  #warn(at: Placed, text: string): void {
    this.#said++;
    this.#warnings.add(`PromQL warning: ${text} (${at.position.line}:${at.position.column})`);
  }

  #inform(at: Placed, text: string): void {
    this.#said++;
    this.#infos.add(`PromQL info: ${text} (${at.position.line}:${at.position.column})`);
  }

  invalidQuantile(at: Placed, q: number): void {
    this.#warn(at, `quantile value should be between 0 and 1, got ${formatGeneral(q)}`);
  }

  invalidRatio(at: Placed, ratio: number, cappedTo: number): void {
    const got = `got ${formatGeneral(ratio)}, capping to ${formatGeneral(cappedTo)}`;
    this.#warn(at, `ratio value should be between -1 and 1, ${got}`);
  }

  badBucketLabel(at: Placed, metricName: string, label: string): void {
    const text = `bucket label "le" is missing or has a malformed value of ${quote(label)}`;
    this.#warn(at, forMetric(text, metricName));
  }

  mixedFloatsHistograms(at: Placed, metricName: string): void {
    this.#warn(at, `encountered a mix of histograms and floats for metric name ${quote(metricName)}`);
  }

  mixedFloatsHistogramsAggregation(at: Placed): void {
    this.#warn(at, "encountered a mix of histograms and floats for aggregation");
  }

  mixedClassicNative(at: Placed, metricName: string): void {
    this.#warn(at, forMetric("vector contains a mix of classic and native histograms", metricName));
  }

  histogramNotCounter(at: Placed, metricName: string): void {
    this.#warn(at, `this native histogram metric is not a counter: ${quote(metricName)}`);
  }

  histogramNotGauge(at: Placed, metricName: string): void {
    this.#warn(at, `this native histogram metric is not a gauge: ${quote(metricName)}`);
  }

  mixedExponentialCustom(at: Placed, metricName: string): void {
    const text =
      "vector contains a mix of histograms with exponential and custom buckets schemas for metric name";
    this.#warn(at, `${text} ${quote(metricName)}`);
  }

  incompatibleBucketLayout(at: Placed, operator: string): void {
    this.#warn(at, `incompatible bucket layout encountered for binary operator ${operator}`);
  }

  sortInRangeQuery(at: Placed): void {
    this.#warn(at, "sort is ineffective for range queries since results are always ordered by labels");
  }

  counterResetCollision(at: Placed, operation: HistogramOperation): void {
    this.#warn(at, `conflicting counter resets during histogram ${operation}`);
  }

  startTimeOverlap(at: Placed, metricName: string): void {
    const text = "sample has start time that overlaps with previous sample timestamp";
    this.#warn(at, `${text} for metric ${quote(metricName)}`);
  }

  possibleNonCounter(at: Placed, metricName: string): void {
    const text = "metric might not be a counter, name does not end in _total/_sum/_count/_bucket:";
    this.#inform(at, `${text} ${quote(metricName)}`);
  }

  possibleNonCounterType(at: Placed, metricName: string, type: string): void {
    const text = 'metric might not be a counter, __type__ label is not set to "counter" or "histogram"';
    this.#inform(at, `${text}, got ${quote(type)}: ${quote(metricName)}`);
  }

  forcedMonotonicity(at: Placed, metricName: string): void {
    const url = "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile";
    const text = `input to histogram_quantile needed to be fixed for monotonicity (see ${url})`;
    this.#inform(at, forMetric(text, metricName));
  }

  incompatibleTypes(at: Placed, left: string, operator: string, right: string): void {
    const text = `incompatible sample types encountered for binary operator ${quote(operator)}`;
    this.#inform(at, `${text}: ${left} ${operator} ${right}`);
  }

  histogramIgnoredInAggregation(at: Placed, aggregation: string): void {
    this.#inform(at, `ignored histogram in ${aggregation} aggregation`);
  }

  histogramIgnoredInMixedRange(at: Placed, metricName: string): void {
    const text = "ignored histograms in a range containing both floats and histograms for metric name";
    this.#inform(at, `${text} ${quote(metricName)}`);
  }

  quantileOfNaNs(at: Placed, metricName: string): void {
    this.#inform(
      at,
      forMetric("input to histogram_quantile has NaN observations, result is NaN", metricName),
    );
  }

  quantileSkewedByNaNs(at: Placed, metricName: string): void {
    const text = "input to histogram_quantile has NaN observations, result is skewed higher";
    this.#inform(at, forMetric(text, metricName));
  }

  fractionWithNaNs(at: Placed, metricName: string): void {
    const text = "input to histogram_fraction has NaN observations, which are excluded from all fractions";
    this.#inform(at, forMetric(text, metricName));
  }

  customBucketsReconciled(at: Placed, operation: HistogramOperation): void {
    this.#inform(at, `mismatched custom buckets were reconciled during ${operation}`);
  }
}

function capped(texts: ReadonlySet<string>, kind: string): readonly string[] {
  const all = [...texts];
  if (all.length <= ANNOTATIONS_MAX) return all;
  const omitted = `${all.length - ANNOTATIONS_MAX} more ${kind} annotations omitted`;
  return [...all.slice(0, ANNOTATIONS_MAX), omitted];
}
