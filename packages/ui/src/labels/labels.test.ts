import { expect, test } from "vitest";
import { correlatedSelector } from "./correlate.ts";
import { distinguishingLabels, seriesSelector } from "./selector.ts";

test.each([
  [{ __name__: "up" }, "up"],
  [{ __name__: "up", job: "a", instance: "b" }, 'up{instance="b", job="a"}'],
  [{ job: 'say "x"\\' }, '{job="say \\"x\\"\\\\"}'],
  [{ __name__: "http.requests", "a.b": "c" }, '{"http.requests", "a.b"="c"}'],
  [{}, "{}"],
])("%j is selected by %s", (labels, selector) => {
  expect(seriesSelector(labels)).toBe(selector);
});

test("labels that tell series apart: those that differ, or that one lacks", () => {
  const names = distinguishingLabels([
    { job: "a", cpu: "0", mode: "idle" },
    { job: "a", cpu: "1", mode: "idle" },
    { job: "a", cpu: "1", mode: "idle", zone: "x" },
  ]);
  expect([...names].sort()).toEqual(["cpu", "zone"]);
  expect(distinguishingLabels([{ a: "b" }]).size).toBe(0);
  expect(distinguishingLabels([]).size).toBe(0);
});

test("a series and a stream meet in the labels that name a thing, where the other knows the value", () => {
  const series = {
    __name__: "http_requests_total",
    namespace: "shop",
    pod: "p-1",
    le: "0.5",
    code: "200",
    job: "api",
  };
  const there = new Map([
    ["namespace", new Set(["shop", "infra"])],
    ["pod", new Set(["p-1"])],
    ["job", new Set(["pods"])],
  ]);
  expect(correlatedSelector(series, there)).toBe('{namespace="shop", pod="p-1"}');
  expect(correlatedSelector({ job: "other", le: "1" }, there)).toBeUndefined();
  expect(correlatedSelector(series, new Map())).toBeUndefined();
});
