/** Metric queries as the pages ask them. Times are Unix ms; the API's are seconds. */
import { instantQuery, rangeQuery, type MatrixSeries, type QueryData } from "@binnacle/api";
import { sampleValue } from "./sample-value.ts";
import { request, type Answer } from "./request.ts";

export interface RangeQuestion {
  readonly query: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

export interface RangeAnswer {
  readonly series: readonly MatrixSeries[];
  readonly question: RangeQuestion;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly durationMs: number;
}

export async function queryRange(question: RangeQuestion, signal: AbortSignal): Promise<RangeAnswer> {
  const { query, fromMs, toMs, stepMs } = question;
  const params = { query, start: seconds(fromMs), end: seconds(toMs), step: seconds(stepMs) };
  const { data, ...rest } = await request(rangeQuery, params, { signal });
  return { series: data.result, question, ...rest };
}

export async function queryInstant(
  query: string,
  timeMs: number,
  signal: AbortSignal,
): Promise<Answer<QueryData>> {
  return await request(instantQuery, { query, time: seconds(timeMs) }, { signal });
}

/** The number an instant query answers with, where it answers with one; NaN otherwise. */
export function firstNumber(data: QueryData | undefined): number {
  if (data === undefined) return Number.NaN;
  if (data.resultType === "scalar") return sampleValue(data.result[1]);
  if (data.resultType === "vector") return sampleValue(data.result[0]?.value?.[1] ?? "");
  return Number.NaN;
}

function seconds(ms: number): string {
  return String(ms / 1000);
}
