/**
 * Writes results of metric queries as Prometheus's JSON, in the worker, so that the main thread only passes
 * bytes on.
 */
import {
  bucketsOf,
  unreachable,
  type Histogram,
  type Labels,
  type QueryResult,
  type QueryValue,
  type ResultSeries,
} from "@binnacle/model";
import { JsonBytes } from "./json-bytes.ts";
import { formatSeconds, formatValue } from "./json-number.ts";

/** The warning of an answer that its limit has cut, in Prometheus's words. */
export const TRUNCATED = "results truncated due to limit";

/** JSON of the `data` of an answer: `{"resultType":…,"result":[…]`, left open. Whether the limit cut it. */
function writeQueryValue(value: QueryValue, limit: number | undefined, out: JsonBytes): boolean {
  switch (value.type) {
    case "matrix": {
      out.text('{"resultType":"matrix","result":[');
      const kept = cut(value.series, limit);
      for (let i = 0; i < kept.length; i++) {
        if (i > 0) out.text(",");
        writeSeries(kept[i]!, out);
      }
      out.text("]");
      return kept.length < value.series.length;
    }
    case "vector": {
      out.text('{"resultType":"vector","result":[');
      const kept = cut(value.samples, limit);
      for (const [i, { labels, timeMs, value: number, histogram }] of kept.entries()) {
        const metric = `${i > 0 ? "," : ""}{"metric":${writeLabels(labels)}`;
        out.text(
          histogram === undefined
            ? `${metric},"value":[${formatSeconds(timeMs)},"${formatValue(number)}"]}`
            : `${metric},"histogram":[${formatSeconds(timeMs)},${writeHistogram(histogram)}]}`,
        );
      }
      out.text("]");
      return kept.length < value.samples.length;
    }
    case "scalar":
      out.text(
        `{"resultType":"scalar","result":[${formatSeconds(value.timeMs)},"${formatValue(value.value)}"]`,
      );
      return false;
    case "string":
      out.text(
        `{"resultType":"string","result":[${formatSeconds(value.timeMs)},${JSON.stringify(value.value)}]`,
      );
      return false;
    default:
      return unreachable(value);
  }
}

/** JSON of the `data` of an answer, whole. */
export function queryValueJson(value: QueryValue): string {
  const out = new JsonBytes();
  writeQueryValue(value, undefined, out);
  out.text("}");
  return new TextDecoder().decode(out.take());
}

/**
 * The whole envelope of a metric query's answer. `more` is JSON of further fields of its `data`, each with a
 * comma before it.
 */
export function writeQueryResult(
  result: QueryResult,
  options: { limit: number | undefined; more: string },
): Uint8Array {
  const out = new JsonBytes(expectedBytes(result.value));
  out.text('{"status":"success","data":');
  const isCut = writeQueryValue(result.value, options.limit, out);
  out.text(`${options.more}}`);
  const warnings = isCut ? [...result.warnings, TRUNCATED] : result.warnings;
  if (warnings.length > 0) out.text(`,"warnings":${JSON.stringify(warnings)}`);
  if (result.infos.length > 0) out.text(`,"infos":${JSON.stringify(result.infos)}`);
  out.text("}");
  return out.take();
}

/**
 * Bytes of a point whose value has all its digits, and at most so many at first: what stays empty costs
 * nothing.
 */
const POINT_BYTES = 36;
const EXPECTED_BYTES_MAX = 16 * 1024 * 1024;

function expectedBytes(value: QueryValue): number {
  if (value.type !== "matrix") return 0;
  let points = 0;
  for (const { times } of value.series) points += times.length;
  return Math.min(EXPECTED_BYTES_MAX, points * POINT_BYTES);
}

export function writeLabels(labels: Labels): string {
  const { pairs } = labels;
  let text = "{";
  for (let i = 0; i < pairs.length; i += 2) {
    if (i > 0) text += ",";
    text += `${quoted(pairs[i]!)}:${quoted(pairs[i + 1]!)}`;
  }
  return `${text}}`;
}

/** What JSON escapes; half a surrogate pair is among it. */
// oxlint-disable-next-line no-control-regex -- JSON escapes them.
const ESCAPED = /[\u0000-\u001f"\\\ud800-\udfff]/;

function quoted(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

function cut<T>(items: readonly T[], limit: number | undefined): readonly T[] {
  return limit === undefined || limit === 0 || items.length <= limit ? items : items.slice(0, limit);
}

function writeSeries(series: ResultSeries, out: JsonBytes): void {
  const { times, values } = series;
  out.text(`{"metric":${writeLabels(series.labels)}`);
  if (times.length > 0) {
    out.text(',"values":[');
    out.points(times, values);
    out.text("]");
  }
  if (series.histograms.length > 0) {
    const points = series.histograms.map(
      (histogram, i) => `[${formatSeconds(series.histogramTimes[i]!)},${writeHistogram(histogram)}]`,
    );
    out.text(`,"histograms":[${points.join(",")}]`);
  }
  out.text("}");
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
