import { expect, test } from "vitest";
import type { LogStream } from "@binnacle/api";
import { lastSpan } from "../../time/range.ts";
import { compareNs, entriesOf, joinPages, nextPage } from "./entries.ts";
import { jsonFields } from "./json-fields.ts";
import { levelOf, type Level } from "./level.ts";
import {
  everyStream,
  highlightsOf,
  pickVolumeLabel,
  selectorSpan,
  toLogQuery,
  volumeQuery,
  withMatcher,
} from "./log-query.ts";
import { decodeLogsState, encodeLogsState, type LogsState } from "./logs-state.ts";
import { markedPieces } from "./marked-text.ts";
import { hasSources, sourceOf } from "./source-label.ts";
import { volumeChart } from "./volume-chart.ts";

test("the page's state survives its URL, and rubbish opens the default", () => {
  const state: LogsState = {
    query: '{job="a"} |= "x"',
    range: lastSpan(900_000),
    limit: 5000,
    direction: "forward",
    by: "pod",
    isLive: true,
    wraps: false,
    refresh: "15s",
  };
  expect(decodeLogsState(encodeLogsState(state), 0)).toEqual(state);
  expect(decodeLogsState({ limit: "7", dir: "up", from: "x" }, 0)).toEqual(decodeLogsState({}, 0));
});

test.each([
  ["", '{job=~".+"}'],
  ["connection refused", '{job=~".+"} |= "connection refused"'],
  ['say "hi"', '{job=~".+"} |= "say \\"hi\\""'],
  ['|~ "a|b"', '{job=~".+"} |~ "a|b"'],
  ['{pod="x"}', '{pod="x"}'],
  ['sum by (pod) (rate({pod="x"}[1m]))', 'sum by (pod) (rate({pod="x"}[1m]))'],
  ['sum(rate({a="b"}[1m]))', 'sum(rate({a="b"}[1m]))'],
])("%j is asked as %s", (typed, query) => {
  expect(toLogQuery(typed, everyStream(["pod", "job"]))).toBe(query);
});

test.each([
  ["{}", "a", "b", "=", '{a="b"}'],
  ['{a="x"} |= "q"', "a", "b", "=", '{a="b"} |= "q"'],
  ['{a=~"x,}.+", c="d"}', "c", "e", "=", '{a=~"x,}.+", c="e"}'],
  ['{a="x"}', "b", "y", "=", '{a="x", b="y"}'],
  ['{a="x"}', "a", "y", "!=", '{a="x", a!="y"}'],
  ['{a="x"}', "a", "x", "=", '{a="x"}'],
  ['sum(rate({a="x"}[1m]))', "b", "y", "=", 'sum(rate({a="x", b="y"}[1m]))'],
  ["", "a", "b", "=", '{a="b"}'],
])("%s with %s, %s, %s", (query, name, value, operator, expected) => {
  expect(withMatcher(query, name, value, operator as "=" | "!=")).toBe(expected);
});

test("a selector that does not end has no span", () => {
  expect(selectorSpan('{a="}')).toBeUndefined();
  expect(selectorSpan("{a")).toBeUndefined();
  expect(selectorSpan('x {a="\\"}"} y')).toEqual({ start: 2, end: 11 });
});

test("a volume is split by the level where there is one, else by what names a source", () => {
  expect(pickVolumeLabel(["pod", "detected_level"])).toBe("detected_level");
  expect(pickVolumeLabel(["zone", "pod", "job"])).toBe("job");
  expect(pickVolumeLabel(["zone"])).toBe("zone");
  expect(pickVolumeLabel([])).toBe("");
  expect(volumeQuery('{a="b"}', "pod", 90_000)).toBe('sum by (pod) (count_over_time({a="b"} [1m30s]))');
  expect(volumeQuery('{a="b"}', "", 1000)).toBe('sum(count_over_time({a="b"} [1s]))');
  expect(everyStream([])).toBeUndefined();
});

test.each([
  ['{a="b"} |= "x" |= `y` or "z"', ["x", "y", "z"]],
  ['{a="b"} != "x" !~ "y"', []],
  ['{a="|= \\"no\\""} |= "yes"', ["yes"]],
  ['{a="b"} |~ "(?i)error|warn"', ["error", "warn"]],
  ['{a="b"} |~ "err.*x"', []],
  ['{a="b"} |= ""', []],
])("%s looks for %j", (query, words) => {
  expect(highlightsOf(query).map(({ text }) => text)).toEqual(words);
});

function marked(line: string, ...words: { text: string; isCaseSensitive: boolean }[]): string {
  return markedPieces(line, words)
    .map(({ text, isMarked }) => (isMarked ? `[${text}]` : text))
    .join("");
}

const exact = (text: string) => ({ text, isCaseSensitive: true });
const anyCase = (text: string) => ({ text, isCaseSensitive: false });

test("marks cut a line and lose none of it", () => {
  expect(marked("an error, an error", exact("error"))).toBe("an [error], an [error]");
  expect(marked("An Error", anyCase("error"))).toBe("An [Error]");
  expect(marked("abcd", exact("bc"), exact("cd"))).toBe("a[bc][d]");
  expect(marked("aaaa", exact("aa"))).toBe("[aa][aa]");
  expect(marked("none", exact("x"))).toBe("none");
  // İ in lower case is two units long, so places in the lower text would be wrong.
  expect(marked("İx error", anyCase("ERROR"))).toBe("İx error");
  expect(markedPieces("x".repeat(10_000), [exact("x")]).length).toBeLessThan(300);
});

test.each<[Record<string, string>, string, Level]>([
  [{ detected_level: "WARN" }, "an error", "warn"],
  [{ level: "odd" }, "ERROR: x", "error"],
  [{}, '{"level":30,"msg":"error"}', "info"],
  [{}, '{"level":60}', "error"],
  [{}, 'time=x level=warning msg="y"', "warn"],
  [{}, "2026-01-02 [ERROR] boom", "error"],
  [{}, "I0102 03:04:05.678 klog", "info"],
  [{}, "E0102 03:04:05.678 klog", "error"],
  [{}, "terrorist information warned", "unknown"],
  [{}, `${"x".repeat(1000)} ERROR`, "unknown"],
  [{}, "", "unknown"],
])("labels %j and line %j are of level %s", (labels, line, level) => {
  expect(levelOf(labels, line)).toBe(level);
});

const stream = (labels: Record<string, string>, ...lines: [string, string][]): LogStream => ({
  stream: labels,
  values: lines,
});

test("streams are laid together by time, beyond what a double can tell apart", () => {
  const streams = [
    stream({ a: "1" }, ["1700000000000000003", "c"], ["1700000000000000001", "a"]),
    stream({ a: "2" }, ["1700000000000000002", "b"]),
  ];
  expect(entriesOf(streams, "backward").map(({ line }) => line)).toEqual(["c", "b", "a"]);
  expect(entriesOf(streams, "forward").map(({ line }) => line)).toEqual(["a", "b", "c"]);
  expect(compareNs("999", "1000")).toBeLessThan(0);
});

test("equal lines of one time are distinct, and terminal colours are not text", () => {
  const entries = entriesOf(
    [stream({}, ["5", "\u001b[31mred\u001b[0m"], ["5", "\u001b[31mred\u001b[0m"])],
    "forward",
  );
  expect(entries.map(({ line }) => line)).toEqual(["red", "red"]);
  expect(new Set(entries.map(({ id }) => id)).size).toBe(2);
});

test("pages overlap by the time at which they meet, and joined hold each line once", () => {
  const all: [string, string][] = [
    ["9", "a"],
    ["8", "b"],
    ["7", "c"],
    ["7", "d"],
    ["7", "d"],
    ["6", "e"],
  ];
  const question = { query: "q", startNs: "0", endNs: "10", limit: 4, direction: "backward" as const };
  const first = entriesOf([stream({}, ...all.slice(0, 4))], "backward");
  const next = nextPage(question, first);
  expect(next).toMatchObject({ startNs: "0", endNs: "8" });
  const second = entriesOf([stream({}, ...all.slice(2))], "backward");
  expect(joinPages([first, second]).map(({ line }) => line)).toEqual(["a", "b", "c", "d", "d", "e"]);
});

test("there is no page after one that is not full, or that is all of one time", () => {
  const question = { query: "q", startNs: "0", endNs: "10", limit: 2, direction: "forward" as const };
  expect(nextPage(question, entriesOf([stream({}, ["1", "a"])], "forward"))).toBeUndefined();
  expect(nextPage(question, entriesOf([stream({}, ["1", "a"], ["1", "b"])], "forward"))).toBeUndefined();
  expect(nextPage(question, entriesOf([stream({}, ["1", "a"], ["2", "b"])], "forward"))).toMatchObject({
    startNs: "2",
  });
  expect(nextPage(question, [])).toBeUndefined();
});

test("fields of a JSON line, nested by dots; of anything else none", () => {
  expect(jsonFields('{"a":1,"b":{"c":"x","d":[1]},"e":null}')).toEqual([
    ["a", "1"],
    ["b.c", "x"],
    ["b.d", "[1]"],
    ["e", "null"],
  ]);
  expect(jsonFields("[1]")).toEqual([]);
  expect(jsonFields("{broken")).toEqual([]);
});

const counted = (metric: Record<string, string>, ...counts: number[]) => ({
  metric,
  values: counts.map((count, index): [number, string] => [index, String(count)]),
});

test("the histogram: levels by gravity, sources by size with the smallest as one", () => {
  const grid = { fromMs: 0, toMs: 1000, stepMs: 1000 };
  const levels = volumeChart(
    [
      counted({ level: "info" }, 5, 6),
      counted({ level: "err" }, 1),
      counted({ level: "FATAL" }, 1),
      counted({}, 2),
    ],
    grid,
    "level",
  );
  expect(levels.series.map(({ name, values }) => [name, values])).toEqual([
    ["error", [2, 0]],
    ["info", [5, 6]],
    ["unknown", [2, 0]],
  ]);
  const many = Array.from({ length: 12 }, (_, index) => counted({ pod: `p${index}` }, index));
  const sources = volumeChart(many, grid, "pod").series;
  expect(sources.map(({ name }) => name)).toEqual([
    "p11",
    "p10",
    "p9",
    "p8",
    "p7",
    "p6",
    "p5",
    "p4",
    "others",
  ]);
  expect(sources.at(-1)?.values).toEqual([6, 0]);
});

test("a line's source is the most telling label, in short", () => {
  expect(sourceOf({ job: "j", pod: "p" })).toBe("p");
  expect(sourceOf({ job: "j", filename: "/var/log/auth.log" })).toBe("auth.log");
  expect(sourceOf({})).toBe("");
  expect(hasSources([{ pod: "a" }, { pod: "a" }])).toBe(false);
  expect(hasSources([{ pod: "a" }, { pod: "b" }])).toBe(true);
});
