/**
 * `binnacle query`: asks a server and shows the answer as a table, JSON or CSV; a range as a chart, to a
 * person.
 */
import type { LabelObject, MatrixSeries, QueryData, VectorSample } from "@binnacle/api";
import { compareText, METRIC_NAME } from "@binnacle/model";
import { askServer, type Answer } from "./client/server-client.ts";
import { readTime, stepFor } from "./client/times.ts";
import { chart, sparkline } from "./output/chart.ts";
import { formatCsv, formatTable, type Rows } from "./output/table.ts";
import { ExitCode, type Terminal } from "./output/terminal.ts";

export type Format = "table" | "json" | "csv";

/** As typed; what was not typed is undefined. */
export interface QueryOptions {
  readonly server: string;
  readonly format: Format;
  readonly limit?: string;
  readonly failEmpty?: true;
  readonly time?: string;
  readonly since?: string;
  readonly start?: string;
  readonly end?: string;
  readonly step?: string;
}

export interface QueryIo {
  readonly terminal: Terminal;
  /** For warnings: they are no data. */
  readonly complain: (text: string) => void;
  readonly nowMs: number;
}

/** Exit code when nothing was found and that was to be a failure. */
const NOTHING_FOUND = 4;
/** Series that are drawn each as a chart of their own; more get a line each. */
const CHARTS_MAX = 3;
const CHART_ROWS = 10;

export async function queryInstant(query: string, options: QueryOptions, io: QueryIo): Promise<void> {
  const answer = await askServer(options.server, "/api/v1/query", [
    ["query", query],
    ["time", options.time === undefined ? undefined : seconds(readTime(options.time, io.nowMs))],
    ["limit", options.limit],
  ]);
  const data = answer.data as QueryData;
  // A range selector's samples are rows like any others, with their times.
  show(answer, rowsOf(data), { ...options, io });
}

export async function queryRange(query: string, options: QueryOptions, io: QueryIo): Promise<void> {
  const endMs = options.end === undefined ? io.nowMs : readTime(options.end, io.nowMs);
  const startMs = readTime(options.start ?? `now-${options.since ?? "1h"}`, options.start ? io.nowMs : endMs);
  const step = options.step ?? seconds(stepFor(endMs - startMs));
  const answer = await askServer(options.server, "/api/v1/query_range", [
    ["query", query],
    ["start", seconds(startMs)],
    ["end", seconds(endMs)],
    ["step", step],
    ["limit", options.limit],
  ]);
  const data = answer.data as QueryData;
  const drawn = options.format === "table" && io.terminal.isInteractive;
  if (drawn && data.resultType === "matrix" && data.result.length > 0) {
    warn(answer, io);
    io.terminal.write(draw(data.result, { columns: io.terminal.columns, startMs, endMs }));
  } else show(answer, rowsOf(data), { ...options, io });
}

export async function querySeries(
  selectors: readonly string[],
  options: QueryOptions,
  io: QueryIo,
): Promise<void> {
  const answer = await askServer(options.server, "/api/v1/series", [
    ...selectors.map((it) => ["match[]", it] as const),
    ...listingParameters(options, io),
  ]);
  const sets = answer.data as readonly LabelObject[];
  const names = labelNames(sets);
  const rows = sets.map((labels) => names.map((name) => labels[name] ?? ""));
  show(answer, { header: headerOf(names), rows }, { ...options, io });
}

/** Names of labels, or the values of one. */
export async function queryLabels(
  name: string | undefined,
  options: QueryOptions,
  io: QueryIo,
): Promise<void> {
  const path =
    name === undefined ? "/api/v1/labels" : `/api/v1/label/${encodeURIComponent(escapeName(name))}/values`;
  const answer = await askServer(options.server, path, listingParameters(options, io));
  const rows = (answer.data as readonly string[]).map((it) => [it]);
  show(answer, { header: [name ?? "label"], rows }, { ...options, io });
}

function listingParameters(options: QueryOptions, io: QueryIo): [string, string | undefined][] {
  const { start, end, since } = options;
  const from = start ?? (since === undefined ? undefined : `now-${since}`);
  return [
    ["start", from === undefined ? undefined : seconds(readTime(from, io.nowMs))],
    ["end", end === undefined ? undefined : seconds(readTime(end, io.nowMs))],
    ["limit", options.limit],
  ];
}

function show(
  answer: Answer,
  rows: Rows,
  { format, failEmpty, io }: Pick<QueryOptions, "format" | "failEmpty"> & { readonly io: QueryIo },
): void {
  warn(answer, io);
  const { terminal } = io;
  if (format === "json") {
    terminal.write(`${JSON.stringify(answer.data, null, terminal.isInteractive ? 2 : 0)}\n`);
  } else if (format === "csv") {
    terminal.write(formatCsv(rows));
  } else if (rows.rows.length > 0) {
    terminal.write(formatTable(rows, { columns: terminal.isInteractive ? terminal.columns : undefined }));
  }
  if (rows.rows.length > 0) return;
  if (terminal.isInteractive) io.complain("nothing was found\n");
  if (failEmpty === true) throw new ExitCode(NOTHING_FOUND);
}

function warn({ warnings, infos }: Answer, io: QueryIo): void {
  for (const text of warnings) io.complain(`warning: ${text}\n`);
  for (const text of infos) io.complain(`info: ${text}\n`);
}

/** One row a sample: labels, then time, then value. */
function rowsOf(data: QueryData): Rows {
  const samples = samplesOf(data);
  const names = labelNames(samples.map(({ labels }) => labels));
  const numeric = new Set([names.length, names.length + 1]);
  return {
    header: [...headerOf(names), "time", "value"],
    rows: samples.map(({ labels, time, value }) =>
      names.map((name) => labels[name] ?? "").concat(new Date(time * 1000).toISOString(), value),
    ),
    numeric,
  };
}

interface Sample {
  readonly labels: LabelObject;
  /** Unix seconds. */
  readonly time: number;
  readonly value: string;
}

function samplesOf(data: QueryData): Sample[] {
  switch (data.resultType) {
    case "vector":
      return data.result.map((sample) => ({ labels: sample.metric, ...pointOf(sample) }));
    case "matrix":
      return data.result.flatMap(({ metric, values = [], histograms = [] }) => [
        ...values.map(([time, value]) => ({ labels: metric, time, value })),
        ...histograms.map((point) => ({ labels: metric, ...histogramCell(point) })),
      ]);
    default: {
      const [time, value] = data.result;
      return [{ labels: {}, time, value }];
    }
  }
}

function pointOf({ value, histogram }: VectorSample): { time: number; value: string } {
  if (histogram !== undefined) return histogramCell(histogram);
  const [time, text] = value ?? [0, ""];
  return { time, value: text };
}

function histogramCell([time, { count, sum }]: readonly [number, { count: string; sum: string }]) {
  return { time, value: `count ${count} sum ${sum}` };
}

/** The metric first, the rest ascending. */
function labelNames(sets: readonly LabelObject[]): string[] {
  const names = new Set(sets.flatMap((labels) => Object.keys(labels)));
  const hasMetric = names.delete(METRIC_NAME);
  return [...(hasMetric ? [METRIC_NAME] : []), ...[...names].sort(compareText)];
}

function headerOf(names: readonly string[]): string[] {
  return names.map((name) => (name === METRIC_NAME ? "metric" : name));
}

/** A few series as charts, many as a line each: name, curve, least, greatest and last value. */
function draw(
  series: readonly MatrixSeries[],
  { columns, startMs, endMs }: { readonly columns: number; readonly startMs: number; readonly endMs: number },
): string {
  const from = new Date(startMs).toISOString();
  const to = new Date(endMs).toISOString();
  if (series.length <= CHARTS_MAX) {
    const options = { columns, rows: CHART_ROWS, formatValue: shortNumber, from, to };
    return series
      .map((it) => `${titleOf(it.metric)}\n${chart(numbersOf(it, startMs, endMs), options)}`)
      .join("\n");
  }
  const shared = sharedLabels(series.map(({ metric }) => metric));
  const curveWidth = Math.max(10, Math.floor(columns / 3));
  const rows = series.map((it) => {
    const numbers = numbersOf(it, startMs, endMs);
    const known = numbers.filter((value) => value !== undefined);
    const cells = [Math.min(...known), Math.max(...known), known.at(-1) ?? NaN].map(shortNumber);
    const own = Object.entries(it.metric).filter(([name]) => !Object.hasOwn(shared, name));
    return [titleOf(Object.fromEntries(own)), sparkline(numbers, curveWidth), ...cells];
  });
  const table = formatTable(
    { header: ["series", "curve", "min", "max", "last"], rows, numeric: new Set([2, 3, 4]) },
    { columns },
  );
  return `${titleOf(shared)}\n${table}${from} to ${to}\n`;
}

/** What all have in common: said once, so that there is room for what tells them apart. */
function sharedLabels([first = {}, ...others]: readonly LabelObject[]): LabelObject {
  const shared = Object.entries(first).filter(([name, value]) => others.every((it) => it[name] === value));
  return Object.fromEntries(shared);
}

/** Values on an even grid over the range, so that gaps show where they are. */
function numbersOf({ values = [] }: MatrixSeries, startMs: number, endMs: number): (number | undefined)[] {
  const cells: (number | undefined)[] = Array.from({ length: GRID }, () => undefined);
  const span = Math.max(1, endMs - startMs);
  let reach = 0;
  for (const [i, [time, text]] of values.entries()) {
    const at = Math.min(GRID - 1, Math.floor(((time * 1000 - startMs) / span) * GRID));
    const next = values[i + 1]?.[0];
    // A value stands until the next one, as long as that comes at the usual distance.
    if (next !== undefined) reach = reach === 0 ? next - time : Math.min(reach, next - time);
    const until = Math.min(GRID, Math.ceil((((time + reach) * 1000 - startMs) / span) * GRID));
    for (let cell = at; cell < Math.max(at + 1, until); cell++) cells[cell] = Number(text);
  }
  return cells;
}

/** Cells of that grid: more than a terminal is wide. */
const GRID = 1000;

function titleOf(metric: LabelObject): string {
  const { [METRIC_NAME]: name = "", ...labels } = metric;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 && name !== "" ? name : `${name}{${pairs.join(", ")}}`;
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A name that does not fit a path plainly, in the form that servers of Prometheus's kind take. */
function escapeName(name: string): string {
  if (/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) return name;
  const escaped = Array.from(name, (it) =>
    it === "_" ? "__" : /[a-zA-Z0-9:]/.test(it) ? it : `_${it.codePointAt(0)!.toString(16)}_`,
  );
  return `U__${escaped.join("")}`;
}

function seconds(timeMs: number): string {
  return String(timeMs / 1000);
}
