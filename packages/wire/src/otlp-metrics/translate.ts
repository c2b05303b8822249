/**
 * OTLP's metrics as Prometheus's series: one of a gauge or a sum, several of a histogram or a summary, and
 * target_info for what a resource says of itself.
 */
import { type Labels, METRIC_NAME, type MetricType, unreachable } from "@binnacle/model";
import { type MetricPush, MetricPushBuilder } from "../push/metric-push.ts";
import { exemplarLabels } from "./exemplars.ts";
import { formatFixed } from "./format-fixed.ts";
import { bucketsProblem, customBucketHistogram, exponentialHistogram } from "./histograms.ts";
import type {
  ExponentialPoint,
  HistogramPoint,
  MetricData,
  NumberPoint,
  OtlpExemplar,
  OtlpMetric,
  Point,
  ResourceMetrics,
  SummaryPoint,
  Temporality,
} from "./metrics.ts";
import { metricNameOf, type NamedKind, unitNameOf } from "./names.ts";
import type { OtlpMetricsOptions } from "./options.ts";
import { SeriesLabels, targetInfoLabels } from "./resource-labels.ts";

/** target_info is told again after this while of a resource's points, so that a look back always finds it. */
const TARGET_INFO_EVERY_MS = 150_000;
/** Moments at which one resource's target_info is told at most, however long its points reach. */
const TARGET_INFO_POINTS_MAX = 1000;

/** What is wrong with a point or a metric is noted with its name; the rest is kept. */
export function translateMetrics(
  resources: readonly ResourceMetrics[],
  options: OtlpMetricsOptions,
): MetricPush {
  const push = new MetricPushBuilder();
  for (const { resource, scopes } of resources) {
    let firstMs = Infinity;
    let lastMs = -Infinity;
    for (const { scope, schemaUrl, metrics } of scopes) {
      const labels = new SeriesLabels({ resource, scope, schemaUrl }, options);
      for (const metric of metrics) {
        const taken = new MetricTranslation(metric, labels, push, options).run();
        for (const { timeMs } of taken) {
          firstMs = Math.min(firstMs, timeMs);
          lastMs = Math.max(lastMs, timeMs);
        }
      }
    }
    const info = targetInfoLabels(resource, options);
    if (info === undefined || lastMs < firstMs) continue;
    const series = push.series(info);
    const stepMs = Math.max(TARGET_INFO_EVERY_MS, (lastMs - firstMs) / TARGET_INFO_POINTS_MAX);
    for (let timeMs = firstMs; timeMs < lastMs; timeMs += stepMs) {
      push.addSample(series, 1, { timeMs: Math.round(timeMs) });
    }
    push.addSample(series, 1, { timeMs: lastMs });
  }
  return push.finish();
}

class MetricTranslation {
  readonly #metric: OtlpMetric;
  readonly #labels: SeriesLabels;
  readonly #push: MetricPushBuilder;
  readonly #options: OtlpMetricsOptions;
  #name = "";

  constructor(
    metric: OtlpMetric,
    labels: SeriesLabels,
    push: MetricPushBuilder,
    options: OtlpMetricsOptions,
  ) {
    this.#metric = metric;
    this.#labels = labels;
    this.#push = push;
    this.#options = options;
  }

  /** The points that it dealt with. */
  run(): readonly Point[] {
    const { name, description, unit, data } = this.#metric;
    if (data === undefined) {
      this.#refuse("it has no data", 1);
      return [];
    }
    const { points } = data;
    if (points.length === 0) return [];
    if (data.kind !== "gauge" && data.kind !== "summary") {
      const problem = this.#temporalityProblem(data.temporality);
      if (problem !== undefined) {
        this.#refuse(problem, points.length);
        return [];
      }
    }
    const isCounter = data.kind === "sum" && data.isMonotonic && data.temporality === "cumulative";
    const kind: NamedKind = data.kind === "gauge" ? "gauge" : isCounterNamed(data) ? "counter" : "other";
    this.#name = metricNameOf({ name, unit, kind }, this.#options);
    if (this.#name === "") {
      this.#refuse("its name has no character that a metric's name may have", points.length);
      return [];
    }
    const type: MetricType = isCounter ? "counter" : METADATA_TYPES[data.kind];
    this.#push.describe({ metric: this.#name, type, help: description, unit: unitNameOf(unit) });
    this.#takeAll(data);
    return points.filter(({ timeMs }) => timeMs !== 0);
  }

  #takeAll(data: MetricData): void {
    switch (data.kind) {
      case "gauge":
        // A gauge may say since when it is observed; nothing that counts has begun then.
        this.#take(data.points, (point, labels) => this.#takeNumber({ ...point, startTimeMs: 0 }, labels));
        break;
      case "sum":
        this.#take(data.points, (point, labels) => this.#takeNumber(point, labels));
        break;
      case "histogram":
        if (this.#options.convertsHistogramsToNhcb) {
          this.#take(data.points, (point, labels) =>
            this.#takeNative(point, labels, customBucketHistogram(point, data.temporality)),
          );
        } else this.#take(data.points, (point, labels) => this.#takeClassic(point, labels));
        break;
      case "exponentialHistogram":
        this.#take(data.points, (point, labels) =>
          this.#takeNative(point, labels, exponentialHistogram(point, data.temporality)),
        );
        break;
      case "summary":
        this.#take(data.points, (point, labels) => this.#takeSummary(point, labels));
        break;
      default:
        unreachable(data);
    }
  }

  /** Takes each point with its labels; `take` answers what is wrong with it. */
  #take<P extends Point>(points: readonly P[], take: (point: P, labels: Labels) => string | undefined): void {
    for (const point of points) {
      const labels = this.#labels.of(point.attributes);
      const problem =
        point.timeMs === 0
          ? "a point has no time"
          : typeof labels === "string"
            ? labels
            : take(point, labels);
      if (problem !== undefined) this.#refuse(problem, 1);
    }
  }

  #temporalityProblem(temporality: Temporality): string | undefined {
    if (temporality === "cumulative") return undefined;
    if (temporality === "unspecified") return "its aggregation temporality is not given";
    if (this.#options.takesDeltas) return undefined;
    return (
      "its aggregation temporality is delta: let the sender export cumulative values, or allow deltas with " +
      "--enable-feature=otlp-native-delta-ingestion"
    );
  }

  #takeNumber(point: NumberPoint, labels: Labels): string | undefined {
    if (point.value === undefined && !point.isStale) return "a point has no value";
    const series = this.#add(labels, "", point.value ?? 0, point);
    for (const exemplar of point.exemplars) this.#addExemplar(series, exemplar);
    return undefined;
  }

  #takeClassic(point: HistogramPoint, labels: Labels): string | undefined {
    const { bounds, bucketCounts, count, sum } = point;
    const problem = bucketsProblem(point);
    if (problem !== undefined) return problem;
    if (sum !== undefined) this.#add(labels, "_sum", sum, point);
    this.#add(labels, "_count", count, point);
    const buckets: { bound: number; series: number }[] = [];
    let cumulative = 0;
    for (const [i, bound] of bounds.entries()) {
      if (bound === Infinity) break;
      cumulative += bucketCounts[i] ?? 0;
      const series = this.#add(labels.with({ le: formatFixed(bound) }), "_bucket", cumulative, point);
      buckets.push({ bound, series });
    }
    const series = this.#add(labels.with({ le: "+Inf" }), "_bucket", count, point);
    buckets.push({ bound: Infinity, series });
    for (const exemplar of point.exemplars) {
      const bucket = buckets.find(({ bound }) => exemplar.value <= bound);
      if (bucket !== undefined) this.#addExemplar(bucket.series, exemplar);
    }
    return undefined;
  }

  #takeNative(
    point: HistogramPoint | ExponentialPoint,
    labels: Labels,
    histogram: ReturnType<typeof exponentialHistogram>,
  ): string | undefined {
    const series = this.#push.series(labels.with({ [METRIC_NAME]: this.#name }));
    if (point.isStale) this.#push.addStale(series, point);
    else if (typeof histogram === "string") return histogram;
    else this.#push.addHistogram(series, histogram, point);
    for (const exemplar of point.exemplars) this.#addExemplar(series, exemplar);
    return undefined;
  }

  #takeSummary(point: SummaryPoint, labels: Labels): undefined {
    this.#add(labels, "_sum", point.sum, point);
    this.#add(labels, "_count", point.count, point);
    // A quantile goes up and down: it has no start.
    const times = { ...point, startTimeMs: 0 };
    for (const { quantile, value } of point.quantiles) {
      this.#add(labels.with({ quantile: formatFixed(quantile) }), "", value, times);
    }
    return undefined;
  }

  #add(labels: Labels, suffix: string, value: number, point: Point): number {
    const series = this.#push.series(labels.with({ [METRIC_NAME]: this.#name + suffix }));
    if (point.isStale) this.#push.addStale(series, point);
    else this.#push.addSample(series, value, point);
    return series;
  }

  #addExemplar(series: number, exemplar: OtlpExemplar): void {
    const { value, timeMs } = exemplar;
    this.#push.addExemplar({ series, labels: exemplarLabels(exemplar), value, timeMs });
  }

  #refuse(problem: string, points: number): void {
    this.#push.refuse(`metric ${JSON.stringify(this.#metric.name)}: ${problem}`, points);
  }
}

/** Of what is no counter. */
const METADATA_TYPES = {
  gauge: "gauge",
  sum: "gauge",
  histogram: "histogram",
  exponentialHistogram: "histogram",
  summary: "summary",
} as const;

function isCounterNamed(data: MetricData): boolean {
  return data.kind === "sum" && data.isMonotonic;
}
