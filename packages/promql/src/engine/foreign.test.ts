/** `logs(…)` against a source that answers what it was asked. */
import {
  Labels,
  QueryContext,
  setStaleAt,
  wordsOf,
  type ForeignGrid,
  type ForeignVectorSource,
  type MetricSource,
  type SeriesColumns,
  type SeriesSet,
} from "@binnacle/model";
import { expect, test } from "vitest";
import { parse, print } from "../parser/index.ts";
import { Engine } from "./engine.ts";

const NOTHING: SeriesSet = { seriesCount: 0, read: () => [], [Symbol.dispose]: () => undefined };
const noMetrics: MetricSource = {
  select: () => Promise.resolve(NOTHING),
  listSeries: () => Promise.resolve([]),
  labelNames: () => Promise.resolve([]),
  labelValues: () => Promise.resolve([]),
};

/** Series x counts steps from 1; series y has every other step. */
class Counting implements ForeignVectorSource {
  readonly asked: string[] = [];

  select(query: string, grid: ForeignGrid): Promise<SeriesSet> {
    this.asked.push(`${query} from ${grid.startMs} by ${grid.stepMs}, ${grid.count}`);
    const times = Float64Array.from({ length: grid.count }, (_, i) => grid.startMs + i * grid.stepMs);
    const x = times.map((_, i) => i + 1);
    const y = times.map(() => 10);
    for (let i = 1; i < y.length; i += 2) setStaleAt(wordsOf(y), i);
    const columns = (name: string, values: Float64Array): SeriesColumns => ({
      labels: Labels.fromObject({ app: name }),
      times,
      values,
      startTimes: undefined,
      histograms: undefined,
    });
    const series = [columns("x", x), columns("y", y)];
    return Promise.resolve({ seriesCount: 2, read: () => series, [Symbol.dispose]: () => undefined });
  }
}

async function range(query: string): Promise<{ found: string[]; asked: readonly string[] }> {
  const foreign = new Counting();
  const engine = new Engine({ foreign });
  const asked = { query, startMs: 60_000, endMs: 120_000, stepMs: 20_000 };
  const { value } = await engine.range(asked, noMetrics, new QueryContext());
  if (value.type !== "matrix") throw new Error("expected a matrix");
  const found = value.series.map(({ labels, times, values }) =>
    [labels.toString(), ...[...times].map((time, i) => `${time / 1000}=${values[i]}`)].join(" "),
  );
  return { found, asked: foreign.asked };
}

test.each([
  ['logs(rate({a="b"}[5m]))', ['{app="x"} 60=1 80=2 100=3 120=4', '{app="y"} 60=10 100=10']],
  ["sum(logs(q))", ["{} 60=11 80=2 100=13 120=4"]],
  ["logs(q) / logs(q)", ['{app="x"} 60=1 80=1 100=1 120=1', '{app="y"} 60=1 100=1']],
  [
    "max_over_time(logs(q)[40s:20s])",
    ['{app="x"} 60=2 80=3 100=4 120=5', '{app="y"} 60=10 80=10 100=10 120=10'],
  ],
  ["absent(logs(q))", []],
])("%s", async (query, found) => {
  expect((await range(query)).found).toEqual(found);
});

test("the other language gets its text as it stands, and the times that are looked at", async () => {
  const query = 'sum(logs(sum by (x) (rate({a="\\")"} |= `)` [5m])))) + logs ( vector(1) ) offset 1m # logs(';
  expect((await range(query)).asked).toEqual([
    'sum by (x) (rate({a="\\")"} |= `)` [5m])) from 60000 by 20000, 4',
    "vector(1) from 0 by 20000, 4",
  ]);
});

test.each([
  'logs(rate({a="b"} |= `)` [5m])) / 2',
  "sum by (app) (logs(q)) offset 5m".replace(" offset 5m", ""),
  "logs(q) offset 5m",
])("%s is printed as it was written", (query) => {
  expect(print(parse(query))).toBe(query);
});

test.each([
  ["logs(", "unclosed left parenthesis"],
  ["logs()", "expected a LogQL metric query"],
  ["logs(q)[5m]", "ranges are not allowed for logs()"],
  ['logs(q){a="b"}', "no matchers are allowed"],
])("%s is refused", (query, message) => {
  expect(() => parse(query)).toThrow(message);
});

test("without a source of logs it says so", async () => {
  const engine = new Engine();
  const answer = engine.instant({ query: "logs(q)", timeMs: 0 }, noMetrics, new QueryContext());
  await expect(answer).rejects.toThrow("logs() has no logs to ask here");
});

test("a metric and a label may be called logs", () => {
  for (const query of ["logs", 'logs{logs="logs("}', "sum by (logs) (up)"])
    expect(print(parse(query))).toBe(query);
});
