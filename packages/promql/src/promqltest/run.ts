/** Runs test scripts against an engine over a store in memory, and says what differs. */
import {
  unreachable,
  BinnacleError,
  QueryContext,
  type Histogram,
  type Labels,
  type QueryResult,
} from "@binnacle/model";
import { Regexp } from "@binnacle/re2";
import { Engine } from "../engine/index.ts";
import { ALL_LANGUAGE_FEATURES, FEATURES, formatGeneral } from "../parser/index.ts";
import { almostEqual, describeSeries, describeValue, sameValue } from "./compare.ts";
import { customBucketSeries } from "./custom-buckets.ts";
import { MemorySource, type MemorySample } from "./memory-source.ts";
import { parseScript } from "./parse-script.ts";
import { canRunAsRange, pinQuery } from "./reevaluate.ts";
import type { EvalCommand, LoadCommand, SeriesLine, TextExpectation } from "./script.ts";

export interface PromqltestOptions {
  /** Feature flags of the engine. Default: what the scripts of Prometheus assume. */
  readonly features?: ReadonlySet<string>;
  /** Whether instant queries are asked again, pinned and as ranges. Default true. */
  readonly reevaluates?: boolean;
}

export interface PromqltestFailure {
  readonly line: number;
  readonly query: string;
  readonly message: string;
}

export interface PromqltestReport {
  readonly evalCount: number;
  readonly failures: readonly PromqltestFailure[];
}

const SCRIPT_FEATURES: ReadonlySet<string> = new Set([
  ...ALL_LANGUAGE_FEATURES,
  FEATURES.delayedNameRemoval,
  FEATURES.useStartTimestamps,
]);

/** Runs all of a script, whatever fails. Throws ScriptError for a script that cannot be read. */
export async function runPromqltest(
  text: string,
  options: PromqltestOptions = {},
): Promise<PromqltestReport> {
  const features = options.features ?? SCRIPT_FEATURES;
  const engine = new Engine({ features });
  let source = new MemorySource();
  const failures: PromqltestFailure[] = [];
  let evalCount = 0;
  for (const command of parseScript(text)) {
    switch (command.kind) {
      case "clear":
        source = new MemorySource();
        break;
      case "load":
        load(command, source);
        break;
      case "eval": {
        evalCount++;
        const run = new EvalRun(command, engine, source, features);
        const message = await run.check(options.reevaluates ?? true);
        if (message !== undefined) failures.push({ line: command.line, query: command.query, message });
        break;
      }
    }
  }
  return { evalCount, failures };
}

function load(command: LoadCommand, source: MemorySource): void {
  const loaded = new Map<string, { labels: Labels; samples: MemorySample[] }>();
  for (const { labels, values, starts } of command.series) {
    const samples = values.flatMap((value, i): MemorySample[] => {
      if (value === undefined) return [];
      const timeMs = i * command.intervalMs;
      const start = starts?.[i];
      return [{ timeMs, value, startMs: start === undefined ? 0 : timeMs + start }];
    });
    // The last line of equal series within one load wins.
    loaded.set(labels.key(), { labels, samples });
  }
  for (const { labels, samples } of loaded.values()) source.append(labels, samples);
  if (!command.withCustomBuckets) return;
  for (const { labels, samples } of customBucketSeries(loaded.values())) source.append(labels, samples);
}

/** One point a series has: by time. */
type Points = ReadonlyMap<number, number | Histogram>;
interface Row {
  readonly labels: Labels;
  readonly points: Points;
}

class EvalRun {
  readonly #command: EvalCommand;
  readonly #engine: Engine;
  readonly #source: MemorySource;
  readonly #features: ReadonlySet<string>;

  constructor(command: EvalCommand, engine: Engine, source: MemorySource, features: ReadonlySet<string>) {
    this.#command = command;
    this.#engine = engine;
    this.#source = source;
    this.#features = features;
  }

  /** What is wrong, or undefined. */
  async check(reevaluates: boolean): Promise<string | undefined> {
    const { query, stepMs, startMs, expect } = this.#command;
    const first = await this.#ask(query, startMs);
    const wrong = this.#compare(first);
    if (wrong !== undefined || stepMs !== undefined || !reevaluates || expect.fail !== undefined)
      return wrong;
    const asked = [{ query, timeMs: startMs }];
    const pinned = pinQuery(query, startMs, { features: this.#features });
    for (const timeMs of pinned?.timesMs ?? []) {
      const again = await this.#ask(pinned!.query, timeMs);
      const difference = this.#compareValues(again, timeMs);
      if (difference !== undefined) return `asked again as ${pinned!.query} at ${timeMs} ms: ${difference}`;
      asked.push({ query: pinned!.query, timeMs });
    }
    if (expect.text !== undefined || expect.rangeVector !== undefined || expect.ordered) return undefined;
    for (const { query: text, timeMs } of asked) {
      if (!canRunAsRange(text)) continue;
      const difference = await this.#checkAsRange(text, timeMs);
      if (difference !== undefined)
        return `asked again as a range, ${text} around ${timeMs} ms: ${difference}`;
    }
    return undefined;
  }

  async #ask(query: string, timeMs: number): Promise<QueryResult | BinnacleError> {
    const { stepMs, startMs, endMs } = this.#command;
    return this.#guarded((context) =>
      stepMs === undefined
        ? this.#engine.instant({ query, timeMs }, this.#source, context)
        : this.#engine.range({ query, startMs, endMs, stepMs }, this.#source, context),
    );
  }

  async #guarded(run: (context: QueryContext) => Promise<QueryResult>): Promise<QueryResult | BinnacleError> {
    try {
      return await run(new QueryContext());
    } catch (error) {
      if (error instanceof BinnacleError) return error;
      throw error;
    }
  }

  async #checkAsRange(query: string, timeMs: number): Promise<string | undefined> {
    const span = { startMs: timeMs - 60_000, endMs: timeMs + 60_000, stepMs: 60_000 };
    const result = await this.#guarded((context) =>
      this.#engine.range({ query, ...span }, this.#source, context),
    );
    if (result instanceof BinnacleError) return `it failed: ${result.message}`;
    const { value } = result;
    if (value.type !== "matrix") return `it gave a ${value.type}`;
    const { expect } = this.#command;
    const rows = rowsOf(result).flatMap(({ labels, points }) => {
      const point = points.get(timeMs);
      return point === undefined ? [] : [{ labels, points: new Map([[timeMs, point]]) }];
    });
    if (expect.scalar !== undefined) {
      const got = rows[0]?.points.get(timeMs);
      if (typeof got === "number" && almostEqual(expect.scalar, got)) return undefined;
      const described = got === undefined ? "nothing" : describeValue(got);
      return `expected ${formatGeneral(expect.scalar)}, got ${described}`;
    }
    return compareRows(expect.series, rows, (i) => (i === 0 ? timeMs : NaN), false);
  }

  #compare(result: QueryResult | BinnacleError): string | undefined {
    const { expect } = this.#command;
    if (result instanceof BinnacleError) {
      const text =
        result.code === "PARSE_ERROR"
          ? result.message.replace(/^\d+:\d+: parse error: /, "")
          : result.message;
      if (expect.fail === undefined) return `it failed: ${result.message}`;
      return matches(expect.fail, text)
        ? undefined
        : `expected it to fail with "${expect.fail.text}", got "${text}"`;
    }
    if (expect.fail !== undefined) return "expected it to fail, and it did not";
    return (
      compareAnnotations("warning", expect.warn, expect.noWarn, result.warnings) ??
      compareAnnotations("info", expect.info, expect.noInfo, result.infos) ??
      this.#compareValues(result, this.#command.startMs)
    );
  }

  #compareValues(result: QueryResult | BinnacleError, timeMs: number): string | undefined {
    if (result instanceof BinnacleError) return `it failed: ${result.message}`;
    const { expect, stepMs, startMs } = this.#command;
    const { value } = result;
    if (expect.text !== undefined || value.type === "string") {
      const got = value.type === "string" ? value.value : undefined;
      return got === expect.text
        ? undefined
        : `expected the string ${expect.text}, got ${got ?? `a ${value.type}`}`;
    }
    if (expect.scalar !== undefined && value.type === "scalar") {
      if (almostEqual(expect.scalar, value.value)) return undefined;
      return `expected ${formatGeneral(expect.scalar)}, got ${formatGeneral(value.value)}`;
    }
    if (expect.scalar !== undefined) return `expected the scalar ${expect.scalar}, got a ${value.type}`;
    if (value.type === "scalar") return `expected series, got the scalar ${formatGeneral(value.value)}`;
    const rows = rowsOf(result);
    if (value.type === "matrix" && stepMs === undefined) {
      const { rangeVector } = expect;
      if (rangeVector === undefined) return "it gave a range vector, which was not expected";
      return compareRows(expect.series, rows, (i) => rangeVector.startMs + i * rangeVector.stepMs, false);
    }
    const timeOf =
      stepMs === undefined ? (i: number) => (i === 0 ? timeMs : NaN) : (i: number) => startMs + i * stepMs;
    return compareRows(expect.series, rows, timeOf, expect.ordered);
  }
}

function rowsOf({ value }: QueryResult): Row[] {
  if (value.type === "vector") {
    return value.samples.map(({ labels, timeMs, value, histogram }) => ({
      labels,
      points: new Map<number, number | Histogram>([[timeMs, histogram ?? value]]),
    }));
  }
  if (value.type !== "matrix") return [];
  return value.series.map((series) => {
    const points = new Map<number, number | Histogram>();
    for (const [i, timeMs] of series.times.entries()) points.set(timeMs, series.values[i]!);
    for (const [i, timeMs] of series.histogramTimes.entries()) points.set(timeMs, series.histograms[i]!);
    return { labels: series.labels, points };
  });
}

function compareRows(
  expected: readonly SeriesLine[],
  got: readonly Row[],
  timeOf: (index: number) => number,
  isOrdered: boolean,
): string | undefined {
  const byKey = new Map(got.map((row, i) => [row.labels.key(), { row, place: i }]));
  if (byKey.size !== got.length) return "two series have one label set";
  for (const [i, { labels, values }] of expected.entries()) {
    const found = byKey.get(labels.key());
    if (found === undefined && values.every((value) => value === undefined)) continue;
    if (found === undefined)
      return `expected ${labels.toString()}, which is not there; got ${describeRows(got)}`;
    if (isOrdered && found.place !== i)
      return `${labels.toString()} stands at ${found.place}, expected at ${i}`;
    const { points } = found.row;
    let matched = 0;
    for (const [j, value] of values.entries()) {
      const point = points.get(timeOf(j));
      if (point !== undefined) matched++;
      const isRight =
        value === undefined ? point === undefined : point !== undefined && sameValue(value, point);
      if (isRight) continue;
      const wanted = value === undefined ? "nothing" : describeValue(value);
      const have = point === undefined ? "nothing" : describeValue(point);
      return `${labels.toString()} at ${timeOf(j)} ms: expected ${wanted}, got ${have}`;
    }
    if (matched !== points.size)
      return `${labels.toString()} has more points than expected: ${describeRows([found.row])}`;
    byKey.delete(labels.key());
  }
  if (byKey.size === 0) return undefined;
  return `not expected: ${describeRows([...byKey.values()].map(({ row }) => row))}`;
}

function describeRows(rows: readonly Row[]): string {
  if (rows.length === 0) return "nothing";
  return rows
    .map(({ labels, points }) => describeSeries(labels, [...points.values()].map(describeValue)))
    .join("; ");
}

function matches(expectation: TextExpectation, text: string): boolean {
  switch (expectation.how) {
    case "any":
      return true;
    case "msg":
      return expectation.text === text;
    case "regex":
      return Regexp.compile(expectation.text).test(text);
    default:
      return unreachable(expectation.how);
  }
}

/** Every expectation must have its annotation, and every annotation its expectation. */
function compareAnnotations(
  kind: string,
  expected: readonly TextExpectation[],
  none: boolean,
  got: readonly string[],
): string | undefined {
  if (none) return got.length === 0 ? undefined : `expected no ${kind}, got ${got.join("; ")}`;
  if (expected.length === 0) return undefined;
  const missing = expected.find((expectation) => !got.some((text) => matches(expectation, text)));
  if (missing !== undefined) return `expected the ${kind} "${missing.text}", got ${got.join("; ") || "none"}`;
  const extra = got.find((text) => !expected.some((expectation) => matches(expectation, text)));
  return extra === undefined ? undefined : `the ${kind} "${extra}" was not expected`;
}
