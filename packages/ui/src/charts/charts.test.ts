import { expect, test } from "vitest";
import { alignSeries, firstFilledIndex, gridTimes, rowStatistics } from "./align.ts";
import { timeTicks, tickIncrements, valueTicks } from "./axis.ts";
import type { ChartSeries, Values } from "./chart-data.ts";
import { seriesColor, withAlpha } from "./palette.ts";
import { loneIndexes, plotColumns } from "./plot-options.ts";
import { sparkPath } from "./spark-path.ts";
import { stackRows } from "./stack.ts";
import { nearestRows } from "./tooltip-rows.ts";
import { formatValue, guessUnit, splitValue, type Unit } from "./units.ts";

const grid = { fromMs: 10_000, toMs: 14_000, stepMs: 1000 };
const _ = null;

function series(name: string, values: Values): ChartSeries {
  return { key: name, name, labels: {}, color: "--series-1", values };
}

test("samples stand at their step; what has none is a gap", () => {
  const values: [number, string][] = [
    [10, "1"],
    [11, "NaN"],
    [12, "+Inf"],
    [14, "-2.5"],
    [15, "9"],
    [9, "9"],
  ];
  expect(alignSeries({ values }, grid)).toEqual([1, _, _, _, -2.5]);
  expect(alignSeries({}, grid)).toEqual([_, _, _, _, _]);
  expect(gridTimes(grid)).toEqual([10, 11, 12, 13, 14]);
});

test("a step that is no exact binary fraction still hits its place", () => {
  const fine = { fromMs: 1_700_000_000_100, toMs: 1_700_000_000_900, stepMs: 100 };
  const values = Array.from({ length: 9 }, (__, i): [number, string] => [
    (fine.fromMs + i * 100) / 1000,
    String(i),
  ]);
  expect(alignSeries({ values }, fine)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test("statistics leave gaps out", () => {
  expect(rowStatistics([_, 1, _, 4, _])).toEqual({ last: 4, min: 1, max: 4, mean: 2.5 });
  expect(rowStatistics([_, _]).last).toBeUndefined();
  expect(
    firstFilledIndex([
      [_, _, 1],
      [_, 2, _],
    ]),
  ).toBe(1);
  expect(firstFilledIndex([[_, _]])).toBe(2);
});

test("a stack sums upwards; one gap adds nothing, a gap in all stays one", () => {
  expect(
    stackRows([
      [1, _, _, 1],
      [2, 2, _, -1],
      [_, 3, _, 0],
    ]),
  ).toEqual([
    [1, 0, _, 1],
    [3, 2, _, 0],
    [3, 5, _, 0],
  ]);
  expect(stackRows([])).toEqual([]);
});

test("bars are drawn from the tallest sum down", () => {
  const data = { times: [1, 2], series: [series("a", [1, 1]), series("b", [2, 2])] };
  expect(plotColumns(data, "bars")).toEqual([
    [1, 2],
    [3, 3],
    [1, 1],
  ]);
  expect(plotColumns(data, "lines")).toEqual([
    [1, 2],
    [1, 1],
    [2, 2],
  ]);
});

test("samples between two gaps are found, at the ends too", () => {
  expect(loneIndexes([1, _, 2, 3, _, 4, _, 5])).toEqual([0, 5, 7]);
  expect(loneIndexes([1, 2])).toEqual([]);
  expect(loneIndexes([])).toEqual([]);
});

test("the tooltip lists the nearest lines, and stacks from the top down", () => {
  const all = [series("a", [1]), series("b", [5]), series("c", [_]), series("d", [9])];
  const names = (kind: "lines" | "stacked"): string[] =>
    nearestRows(all, { index: 0, valueAtPointer: 6 }, kind).map(({ name }) => name);
  expect(names("lines")).toEqual(["b", "d", "a"]);
  expect(names("stacked")).toEqual(["d", "b", "a"]);
});

test.each<[number | undefined, Unit, string]>([
  [0, "number", "0"],
  [0.123456, "number", "0.123"],
  [0.00012, "number", "0.00012"],
  [0.000012, "number", "1.2e−5"],
  [1234, "number", "1.23k"],
  [999.96, "number", "1k"],
  [-5e6, "number", "−5M"],
  [3 * 2 ** 30, "bytes", "3 GiB"],
  [512, "bytes", "512 B"],
  [1536, "bytes/s", "1.5 KiB/s"],
  [0.0042, "seconds", "4.2 ms"],
  [90, "seconds", "1.5 min"],
  [0.4567, "ratio", "45.7 %"],
  [12_000, "number/s", "12k/s"],
  [Number.NaN, "number", "NaN"],
  [Number.NEGATIVE_INFINITY, "bytes", "−Inf"],
  [undefined, "bytes", "—"],
])("%d as %s reads %s", (value, unit, text) => {
  expect(formatValue(value, unit)).toBe(text);
});

test("a reading splits into number and unit", () => {
  expect(splitValue(3 * 2 ** 30, "bytes")).toEqual(["3", "GiB"]);
  expect(splitValue(1234, "number")).toEqual(["1.23", "k"]);
  expect(splitValue(undefined, "bytes")).toEqual(["—", ""]);
});

test.each<[string, Unit]>([
  ["node_memory_MemFree_bytes", "bytes"],
  ["rate(node_network_receive_bytes_total[5m])", "bytes/s"],
  ["sum by (mode) (rate(node_cpu_seconds_total[1m]))", "number"],
  ["histogram_quantile(0.9, sum by (le) (rate(http_duration_seconds_bucket[5m])))", "seconds"],
  ["a_bytes / b_bytes", "number"],
  ["a_bytes + b_seconds", "number"],
  ["a_bytes > 5", "number"],
  ["count(a_bytes)", "number"],
  ['up{x="a_bytes"}', "number"],
  ["rate(http_requests_total[5m])", "number/s"],
  ["node_boot_time_seconds", "number"],
  ["process_start_time_seconds", "number"],
])("%s has the unit %s", (query, unit) => {
  expect(guessUnit(query)).toBe(unit);
});

test("ticks differ from one another, and say the day where it changes", () => {
  expect(valueTicks([1000, 1001, 1002], "number")).toEqual(["1000", "1001", "1002"]);
  expect(valueTicks([0, 1, 2], "number")).toEqual(["0", "1", "2"]);
  const midnight = new Date(2026, 0, 2).getTime() / 1000;
  expect(timeTicks([midnight - 3600, midnight], 3600)).toEqual(["23:00", "00:00\n01-02"]);
  expect(timeTicks([midnight], 86_400)).toEqual(["01-02"]);
  expect(timeTicks([midnight + 1], 1)).toEqual(["00:00:01"]);
  expect(tickIncrements("bytes")).toContain(1024);
  expect(tickIncrements("number")).toBeUndefined();
});

test("colours come from the theme", () => {
  expect(seriesColor(0)).toBe("--series-1");
  expect(seriesColor(10)).toBe("--series-1");
  expect(withAlpha("rgb(1, 2, 3)", 0.5)).toBe("rgba(1, 2, 3, 0.5)");
  expect(withAlpha("canvastext", 0.5)).toBe("canvastext");
});

test("a course lifts the pen at gaps", () => {
  expect(sparkPath([0, _, 1])).toBe("M0.0 21.0M120.0 2.0");
  expect(sparkPath([])).toBe("");
  expect(sparkPath([_, _])).toBe("");
});
