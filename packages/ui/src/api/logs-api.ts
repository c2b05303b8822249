/** Log queries as the pages ask them. Times are Unix ms; the API's are nanoseconds as text. */
import {
  lokiLabels,
  lokiLabelValues,
  lokiRangeQuery,
  type LogStream,
  type MatrixSeries,
} from "@binnacle/api";
import { ApiError } from "./api-error.ts";
import { request } from "./request.ts";

export type Direction = "backward" | "forward";

export interface LinesQuestion {
  readonly query: string;
  readonly startNs: string;
  readonly endNs: string;
  readonly limit: number;
  readonly direction: Direction;
}

export type LogsAnswer =
  | { readonly kind: "lines"; readonly streams: readonly LogStream[]; readonly durationMs: number }
  | { readonly kind: "matrix"; readonly series: readonly MatrixSeries[]; readonly durationMs: number };

/** Lines of a log query. A metric query answers with series, which the caller may draw. */
export async function queryLines(
  question: LinesQuestion & { stepMs: number },
  signal: AbortSignal,
): Promise<LogsAnswer> {
  const { data, durationMs } = await request(
    lokiRangeQuery,
    {
      query: question.query,
      start: question.startNs,
      end: question.endNs,
      limit: String(question.limit),
      direction: question.direction,
      step: `${question.stepMs}ms`,
    },
    { signal },
  );
  if (data.resultType === "streams") return { kind: "lines", streams: data.result, durationMs };
  if (data.resultType === "matrix") return { kind: "matrix", series: data.result, durationMs };
  throw new ApiError("unreadable", `A range query answered with a ${data.resultType}.`);
}

export async function queryLogMatrix(
  question: { query: string; fromMs: number; toMs: number; stepMs: number },
  signal: AbortSignal,
): Promise<readonly MatrixSeries[]> {
  const { data } = await request(
    lokiRangeQuery,
    {
      query: question.query,
      start: nanoseconds(question.fromMs),
      end: nanoseconds(question.toMs),
      step: `${question.stepMs}ms`,
    },
    { signal },
  );
  return data.resultType === "matrix" ? data.result : [];
}

export async function logLabelNames(
  window: { fromMs: number; toMs: number },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const params = { start: nanoseconds(window.fromMs), end: nanoseconds(window.toMs) };
  const { data } = await request(lokiLabels, params, { signal });
  // Loki leaves `data` out where there is none.
  return (data ?? []).filter((name) => !name.startsWith("__"));
}

export async function logLabelValues(
  name: string,
  options: { fromMs: number; toMs: number; selector?: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const params = {
    start: nanoseconds(options.fromMs),
    end: nanoseconds(options.toMs),
    ...(options.selector === undefined ? {} : { query: options.selector }),
  };
  const { data } = await request(lokiLabelValues, params, { signal, names: [name] });
  return data ?? [];
}

/** Exact where a product of doubles would not be: 1e6 × ms passes 2^53. */
export function nanoseconds(ms: number): string {
  return `${Math.floor(ms)}000000`;
}

/** Unix ms, with the part below a millisecond as a fraction as far as a double carries it. */
export function millisecondsOf(ns: string): number {
  return ns.length <= 6 ? Number(ns) / 1e6 : Number(ns.slice(0, -6)) + Number(ns.slice(-6)) / 1e6;
}
