/**
 * Writes results of metric queries as Prometheus's JSON, in the worker, so that the main thread only passes
 * bytes on.
 */
import { Buffer } from "node:buffer";
import {
  bucketsOf,
  unreachable,
  type Histogram,
  type Labels,
  type QueryResult,
  type QueryValue,
  type ResultSeries,
} from "@binnacle/model";
import { formatSeconds, formatValue } from "./json-number.ts";

/** The warning of an answer that its limit has cut, in Prometheus's words. */
export const TRUNCATED = "results truncated due to limit";

/**
 * JSON of the `data` of an answer: `{"resultType":…,"result":…}`. `limit` cuts series; undefined or 0 keeps
 * all.
 */
export function writeQueryValue(
  value: QueryValue,
  limit: number | undefined,
): { json: string; isCut: boolean } {
  switch (value.type) {
    case "matrix": {
      const kept = cut(value.series, limit);
      const parts = kept.map(writeSeries);
      return {
        json: `{"resultType":"matrix","result":[${parts.join(",")}]}`,
        isCut: kept.length < value.series.length,
      };
    }
    case "vector": {
      const kept = cut(value.samples, limit);
      const parts = kept.map(({ labels, timeMs, value, histogram }) => {
        const metric = `{"metric":${writeLabels(labels)}`;
        return histogram === undefined
          ? `${metric},"value":[${formatSeconds(timeMs)},"${formatValue(value)}"]}`
          : `${metric},"histogram":[${formatSeconds(timeMs)},${writeHistogram(histogram)}]}`;
      });
      return {
        json: `{"resultType":"vector","result":[${parts.join(",")}]}`,
        isCut: kept.length < value.samples.length,
      };
    }
    case "scalar": {
      const point = `[${formatSeconds(value.timeMs)},"${formatValue(value.value)}"]`;
      return { json: `{"resultType":"scalar","result":${point}}`, isCut: false };
    }
    case "string": {
      const point = `[${formatSeconds(value.timeMs)},${JSON.stringify(value.value)}]`;
      return { json: `{"resultType":"string","result":${point}}`, isCut: false };
    }
    default:
      return unreachable(value);
  }
}

/** The whole envelope of a metric query's answer. `stats` is JSON, or undefined where none was asked for. */
export function writeQueryResult(
  result: QueryResult,
  options: { limit: number | undefined; stats: string | undefined },
): Uint8Array {
  const { json, isCut } = writeQueryValue(result.value, options.limit);
  const warnings = isCut ? [...result.warnings, TRUNCATED] : result.warnings;
  const data = options.stats === undefined ? json : `${json.slice(0, -1)},"stats":${options.stats}}`;
  let text = `{"status":"success","data":${data}`;
  if (warnings.length > 0) text += `,"warnings":${JSON.stringify(warnings)}`;
  if (result.infos.length > 0) text += `,"infos":${JSON.stringify(result.infos)}`;
  return Buffer.from(`${text}}`, "utf8");
}

export function writeLabels(labels: Labels): string {
  const { pairs } = labels;
  let text = "{";
  for (let i = 0; i < pairs.length; i += 2) {
    if (i > 0) text += ",";
    text += `${JSON.stringify(pairs[i])}:${JSON.stringify(pairs[i + 1])}`;
  }
  return `${text}}`;
}

function cut<T>(items: readonly T[], limit: number | undefined): readonly T[] {
  return limit === undefined || limit === 0 || items.length <= limit ? items : items.slice(0, limit);
}

function writeSeries(series: ResultSeries): string {
  const { times, values } = series;
  let text = `{"metric":${writeLabels(series.labels)}`;
  if (times.length > 0) {
    text += ',"values":[';
    for (let i = 0; i < times.length; i++) {
      if (i > 0) text += ",";
      text += `[${formatSeconds(times[i]!)},"${formatValue(values[i]!)}"]`;
    }
    text += "]";
  }
  if (series.histograms.length > 0) {
    const points = series.histograms.map(
      (histogram, i) => `[${formatSeconds(series.histogramTimes[i]!)},${writeHistogram(histogram)}]`,
    );
    text += `,"histograms":[${points.join(",")}]`;
  }
  return `${text}}`;
}

/** Boundary rules as Prometheus numbers them: 0 open left, 1 open right, 2 open both, 3 closed both. */
function writeHistogram(histogram: Histogram): string {
  const buckets = bucketsOf(histogram)
    .filter((bucket) => bucket.count !== 0)
    .map(({ lower, upper, lowerInclusive, upperInclusive, count }) => {
      let rule = 2;
      if (lowerInclusive) rule = upperInclusive ? 3 : 1;
      else if (upperInclusive) rule = 0;
      return `[${rule},"${formatValue(lower)}","${formatValue(upper)}","${formatValue(count)}"]`;
    });
  const list = buckets.length > 0 ? `,"buckets":[${buckets.join(",")}]` : "";
  return `{"count":"${formatValue(histogram.count)}","sum":"${formatValue(histogram.sum)}"${list}}`;
}
