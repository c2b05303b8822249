import { parser } from "@prometheus-io/lezer-promql";
import { expect, test } from "vitest";
import type { RangeAnswer } from "../../api/metrics-api.ts";
import { drawnWindow, lastValue, panelChart, sumOfLast } from "./home-data.ts";
import { homeFacts, homePanels, type HomePanel } from "./home-panels.ts";

function isPromql(query: string): boolean {
  let isWhole = true;
  parser.parse(query).iterate({ enter: (node) => void (isWhole &&= !node.type.isError) });
  return isWhole;
}

test.each([undefined, "127.0.0.1:9100", 'odd"name\\'])(
  "every query of Home parses, for the node %j",
  (instance) => {
    const queries = homePanels(instance, "1m").flatMap((panel) => panel.queries.map(({ query }) => query));
    for (const query of [...queries, ...Object.values(homeFacts(instance))])
      expect(isPromql(query), query).toBe(true);
  },
);

const question = { query: "q", fromMs: 0, toMs: 3000, stepMs: 1000 };
const panel: HomePanel = {
  id: "network",
  title: "Network",
  unit: "bytes/s",
  kind: "lines",
  queries: [
    { query: "a", name: "in" },
    { query: "b", name: "out", isMirrored: true },
  ],
  colors: { in: "--series-1", out: "--series-5" },
};

function answer(...values: [number, string][]): RangeAnswer {
  return { series: [{ metric: {}, values }], question, warnings: [], infos: [], durationMs: 1 };
}

test("a panel's answers become one chart, mirrored where asked", () => {
  const chart = panelChart(panel, [answer([2, "5"], [3, "6"]), answer([3, "7"])]);
  expect(chart.times).toEqual([0, 1, 2, 3]);
  expect(chart.series.map(({ name, values }) => [name, values])).toEqual([
    ["in", [null, null, 5, 6]],
    ["out", [null, null, null, -7]],
  ]);
  expect(sumOfLast(chart)).toBe(13);
  expect(panelChart(panel, [])).toEqual({ times: [], series: [] });
});

test("modes that are never used are left out, the first two always stand", () => {
  const cpu: HomePanel = {
    ...panel,
    queries: [{ query: "a", name: { label: "mode" } }],
    colors: { user: "--series-1", system: "--series-2" },
  };
  const modes = ["steal", "system", "user", "odd"].map((mode) => ({
    metric: { mode },
    values: [[0, mode === "odd" ? "1" : "0"]] as [number, string][],
  }));
  const chart = panelChart(cpu, [{ ...answer(), series: modes }]);
  expect(chart.series.map(({ name }) => name)).toEqual(["user", "system", "odd"]);
});

const filledFrom = (seconds: number) => ({
  times: Array.from({ length: 601 }, (_, index) => index),
  series: [
    {
      key: "a",
      name: "a",
      labels: {},
      color: "",
      values: Array.from({ length: 601 }, (_, index) => (index < seconds ? null : 1)),
    },
  ],
});

test("the drawn window begins with the first data, and is never narrower than a minute", () => {
  const grid = { fromMs: 0, toMs: 600_000, stepMs: 1000 };
  expect(drawnWindow([filledFrom(300), filledFrom(200)], grid)).toEqual({ fromMs: 200_000, toMs: 600_000 });
  expect(drawnWindow([filledFrom(595)], grid)).toEqual({ fromMs: 540_000, toMs: 600_000 });
  expect(drawnWindow([], grid)).toMatchObject({ fromMs: 0, toMs: 600_000 });
});

test("the newest value may lag, but not for ever", () => {
  expect(lastValue([1, 2, null])).toBe(2);
  expect(lastValue([1, null, null, null, null])).toBeUndefined();
  expect(lastValue([])).toBeUndefined();
});
