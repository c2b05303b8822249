import { parser } from "@prometheus-io/lezer-promql";
import { expect, test } from "vitest";
import { PANELS_MAX } from "../../limits.ts";
import { fixedRange, lastSpan } from "../../time/range.ts";
import { hiddenAfterPick } from "./legend-pick.ts";
import { matrixChart, shortName } from "./matrix-chart.ts";
import { firstQuery, matchingMetrics } from "./metric-list.ts";
import { decodeMetricsState, encodeMetricsState, panelOf, type MetricsState } from "./metrics-state.ts";
import { sortRows, tableRows } from "./table-rows.ts";

test("the page's state survives its URL", () => {
  const states: MetricsState[] = [
    { panels: [panelOf("up")], range: lastSpan(3_600_000), refresh: "auto" },
    {
      panels: [
        panelOf("a", { tab: "table" }),
        panelOf("b", { isStacked: true, resolution: { kind: "fixed", stepMs: 15_000 } }),
        panelOf("", { resolution: { kind: "auto", density: "high" } }),
      ],
      range: fixedRange(Date.parse("2026-01-02T03:04:05Z"), Date.parse("2026-01-02T04:04:05.250Z")),
      refresh: "off",
    },
  ];
  for (const state of states) expect(decodeMetricsState(encodeMetricsState(state))).toEqual(state);
});

test("Prometheus's own links open: version 3", () => {
  const state = decodeMetricsState({
    "g0.expr": "up",
    "g0.tab": "table",
    "g0.range_input": "2h",
    "g0.end_input": "2026-01-02 03:04:05",
    "g0.res_type": "fixed",
    "g0.res_step": "30",
    "g0.display_mode": "stacked",
    "g1.expr": "rate(x[5m])",
    "g1.tab": "graph",
  });
  expect(state.panels).toEqual([
    { expr: "up", tab: "table", isStacked: true, resolution: { kind: "fixed", stepMs: 30_000 } },
    panelOf("rate(x[5m])"),
  ]);
  const endMs = Date.parse("2026-01-02T03:04:05Z");
  expect(state.range).toEqual(fixedRange(endMs - 7_200_000, endMs));
});

test("Prometheus's own links open: alerts' generator URLs and version 2", () => {
  expect(decodeMetricsState({ "g0.expr": "up == 0", "g0.tab": "1" }).panels).toEqual([
    panelOf("up == 0", { tab: "table" }),
  ]);
  expect(decodeMetricsState({ "g0.expr": "up", "g0.tab": "0", "g0.stacked": "1" }).panels[0]?.isStacked).toBe(
    true,
  );
});

test("a URL of rubbish opens an empty page", () => {
  const state = decodeMetricsState({
    "g0.expr": "x",
    "g0.range_input": "soon",
    "g0.end_input": "never",
    "g0.res_step": "-1",
    "g0.res_type": "fixed",
  });
  expect(state).toEqual({ panels: [panelOf("x")], range: lastSpan(3_600_000), refresh: "auto" });
  expect(decodeMetricsState({}).panels).toEqual([panelOf("")]);
});

test("a URL opens no more panels than the limit", () => {
  const search = Object.fromEntries(
    Array.from({ length: PANELS_MAX + 5 }, (_, index) => [`g${index}.expr`, "up"]),
  );
  expect(decodeMetricsState(search).panels).toHaveLength(PANELS_MAX);
});

test("series are named by what sets them apart", () => {
  const answer = {
    question: { query: "q", fromMs: 0, toMs: 1000, stepMs: 1000 },
    series: [
      { metric: { __name__: "a", job: "x", cpu: "0" }, values: [[0, "1"]] as [number, string][] },
      { metric: { __name__: "a", job: "x", cpu: "1" }, values: [[1, "2"]] as [number, string][] },
      { metric: { __name__: "a", job: "x", cpu: "2" }, histograms: [] },
    ],
    warnings: [],
    infos: [],
    durationMs: 1,
  };
  const { chart, histograms, leftOut } = matrixChart(answer);
  expect(chart.series.map(({ name }) => name)).toEqual(['cpu="0"', 'cpu="1"'].map((pair) => `{${pair}}`));
  expect(chart.series[1]?.values).toEqual([null, 2]);
  expect({ histograms, leftOut }).toEqual({ histograms: 1, leftOut: 0 });
  expect(shortName({ __name__: "up" }, new Set())).toBe("up");
});

test("a click shows one series alone, the next all again; with Ctrl they come and go", () => {
  const keys = ["a", "b", "c"];
  const pick = (hidden: string[], key: string, adds = false): string[] =>
    [...hiddenAfterPick(keys, new Set(hidden), { key, adds })].sort();
  expect(pick([], "a")).toEqual(["b", "c"]);
  expect(pick(["b", "c"], "a")).toEqual([]);
  expect(pick(["b", "c"], "b")).toEqual(["a", "c"]);
  expect(pick([], "a", true)).toEqual(["a"]);
  expect(pick(["a"], "a", true)).toEqual([]);
  expect(pick(["a", "b"], "c", true)).toEqual([]);
});

test("rows of a table sort by value with NaN at the end, and keep every digit", () => {
  const rows = tableRows({
    resultType: "vector",
    result: [
      { metric: { a: "1" }, value: [0, "NaN"] },
      { metric: { a: "2" }, value: [0, "0.1234567890123456789"] },
      { metric: { a: "3" }, value: [0, "+Inf"] },
      { metric: { a: "4" }, histogram: [0, { count: "3", sum: "1.5" }] },
    ],
  });
  expect(rows.map(({ text }) => text)).toEqual(["NaN", "0.1234567890123456789", "+Inf", "count 3, sum 1.5"]);
  expect(sortRows(rows, "value-desc").map(({ labels }) => labels["a"])).toEqual(["3", "2", "1", "4"]);
  expect(tableRows({ resultType: "string", result: [0, "x"] })[0]?.text).toBe("x");
});

test("metrics are found by all words, names before helps", () => {
  const metrics = [
    { name: "http_requests_total", type: "counter", help: "Requests served" },
    { name: "requests_open", type: "gauge", help: "" },
    { name: "other", type: "gauge", help: "open REQUESTS" },
  ];
  expect(matchingMetrics(metrics, "requests").map(({ name }) => name)).toEqual([
    "requests_open",
    "http_requests_total",
    "other",
  ]);
  expect(matchingMetrics(metrics, "open requests").map(({ name }) => name)).toEqual([
    "requests_open",
    "other",
  ]);
});

test("what a metric is first asked for parses", () => {
  for (const [name, type] of [
    ["a_total", ""],
    ["b", "counter"],
    ["c_bucket", "histogram"],
    ["d", "gauge"],
    ["e_count", ""],
  ] as const) {
    const query = firstQuery({ name, type, help: "" });
    let isBroken = false;
    parser.parse(query).iterate({ enter: (node) => void (isBroken ||= node.type.isError) });
    expect(isBroken, query).toBe(false);
  }
});
