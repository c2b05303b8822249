/**
 * One query put to two servers, and where their answers differ: errors where it errs, the same labels and
 * times, values within 1e-9 relative (or 1e-300 absolute) or both NaN, the same order where PromQL has one.
 */

type Point = readonly [time: number, value: unknown];

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: Point;
  readonly values?: readonly Point[];
  readonly histogram?: Point;
  readonly histograms?: readonly Point[];
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly resultType: string; readonly result: readonly Series[] | Point };
}

export interface Question {
  readonly query: string;
  /** Unix seconds. */
  readonly time?: number;
  readonly range?: { readonly start: number; readonly end: number; readonly step: number };
}

export interface Comparison {
  /** Undefined: they agree. */
  readonly difference: string | undefined;
  readonly isError: boolean;
  readonly isEmpty: boolean;
}

/** `ours` and `theirs` are the servers' addresses. */
export async function compareAnswers(
  question: Question,
  ours: string,
  theirs: string,
  options: { readonly tolerance?: number } = {},
): Promise<Comparison> {
  const [got, wanted] = await Promise.all([ask(ours, question), ask(theirs, question)]);
  const tolerance = options.tolerance ?? 1e-9;
  return {
    difference: describeDifference(question, got, wanted, tolerance),
    isError: wanted.status !== "success",
    isEmpty: Array.isArray(wanted.data?.result) && wanted.data.result.length === 0,
  };
}

async function ask(url: string, { query, time, range }: Question): Promise<Answer> {
  const params = new URLSearchParams({ query });
  if (time !== undefined) params.set("time", String(time));
  for (const [name, value] of Object.entries(range ?? {})) params.set(name, String(value));
  const response = await fetch(`${url}/api/v1/${range === undefined ? "query" : "query_range"}`, {
    method: "POST",
    body: params,
  });
  return (await response.json()) as Answer;
}

function describeDifference(
  question: Question,
  got: Answer,
  wanted: Answer,
  tolerance: number,
): string | undefined {
  if (got.status !== wanted.status) {
    if (isLaterError(question, got)) return undefined;
    return `status ${got.status} (${got.error ?? "no error"}) for ${wanted.status} (${wanted.error ?? "no error"})`;
  }
  if (got.data === undefined || wanted.data === undefined) return undefined;
  if (got.data.resultType !== wanted.data.resultType) {
    return `a ${got.data.resultType} for a ${wanted.data.resultType}`;
  }
  const type = wanted.data.resultType;
  if (type === "scalar" || type === "string") {
    return comparePoints([got.data.result as Point], [wanted.data.result as Point], tolerance);
  }
  return compareSeries(got.data.result as readonly Series[], wanted.data.result as readonly Series[], {
    tolerance,
    isOrdered:
      type === "matrix" ||
      /^(?:sort|topk|bottomk)(?:_desc)?\b/.test(question.query) ||
      (question.query.startsWith("sort_by_label") && haveEqualNames(wanted.data.result as readonly Series[])),
    isByValue: !question.query.startsWith("sort_by_label"),
  });
}

/**
 * Since 3.6 one-to-one comparisons say that matches are ambiguous also where the filter leaves but one of
 * them.
 */
function isLaterError({ query }: Question, got: Answer): boolean {
  return /[=!<>]=|[<>]/.test(query) && /many-to-one matching must be explicit/.test(got.error ?? "");
}

/** Prometheus orders a label that is not there neither before nor after one that is. */
function haveEqualNames(series: readonly Series[]): boolean {
  return new Set(series.map(({ metric }) => Object.keys(metric).sort().join(" "))).size <= 1;
}

function compareSeries(
  got: readonly Series[],
  wanted: readonly Series[],
  { tolerance, isOrdered, isByValue }: { tolerance: number; isOrdered: boolean; isByValue: boolean },
): string | undefined {
  const ours = new Map(got.map((series) => [keyOf(series), series]));
  const theirs = new Map(wanted.map((series) => [keyOf(series), series]));
  if (ours.size !== got.length) return "a label set twice";
  for (const key of theirs.keys()) if (!ours.has(key)) return `${key} is missing`;
  for (const key of ours.keys()) if (!theirs.has(key)) return `${key} is too many`;
  for (const [key, series] of theirs) {
    const difference = compareOne(ours.get(key)!, series, tolerance);
    if (difference !== undefined) return `${key}: ${difference}`;
  }
  if (!isOrdered) return undefined;
  // Of equal values none has to come first.
  const isTie = (a: Series, b: Series): boolean =>
    isByValue && a.value !== undefined && agree(a.value[1], b.value?.[1], tolerance);
  const out = got.findIndex((series, i) => keyOf(series) !== keyOf(wanted[i]!) && !isTie(series, wanted[i]!));
  return out < 0 ? undefined : `order: ${keyOf(got[out]!)} where ${keyOf(wanted[out]!)} is wanted`;
}

function keyOf({ metric }: Series): string {
  return JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function compareOne(got: Series, wanted: Series, tolerance: number): string | undefined {
  const floats = (series: Series): readonly Point[] => series.values ?? (series.value ? [series.value] : []);
  const histograms = (series: Series): readonly Point[] =>
    series.histograms ?? (series.histogram ? [series.histogram] : []);
  return (
    comparePoints(floats(got), floats(wanted), tolerance) ??
    comparePoints(histograms(got), histograms(wanted), tolerance)
  );
}

function comparePoints(
  got: readonly Point[],
  wanted: readonly Point[],
  tolerance: number,
): string | undefined {
  const times = (points: readonly Point[]): string => points.map(([time]) => time).join(" ");
  if (times(got) !== times(wanted)) return `times ${times(got)} for ${times(wanted)}`;
  const wrong = wanted.findIndex(([, value], i) => !agree(got[i]![1], value, tolerance));
  if (wrong < 0) return undefined;
  const text = ([time, value]: Point): string => `${JSON.stringify(value)} at ${time}`;
  return `${text(got[wrong]!)} for ${text(wanted[wrong]!)}`;
}

/** Values are texts of numbers, or histograms, whose parts are. */
function agree(got: unknown, wanted: unknown, tolerance: number): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(got) &&
      got.length === wanted.length &&
      wanted.every((part, i) => agree(got[i], part, tolerance))
    );
  }
  if (typeof wanted === "object" && wanted !== null) {
    const names = Object.keys(wanted);
    return (
      typeof got === "object" &&
      got !== null &&
      names.length === Object.keys(got).length &&
      names.every((name) =>
        agree((got as Record<string, unknown>)[name], (wanted as Record<string, unknown>)[name], tolerance),
      )
    );
  }
  if (got === wanted) return true;
  const [a, b] = [numberOf(got), numberOf(wanted)];
  if (Number.isNaN(a) || Number.isNaN(b)) return false;
  return Math.abs(a - b) <= Math.max(1e-300, tolerance * Math.max(Math.abs(a), Math.abs(b)));
}

function numberOf(text: unknown): number {
  if (text === "+Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  return Number(text);
}
