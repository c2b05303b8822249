import type { ActiveTarget } from "@binnacle/api";
import { expect, test } from "vitest";
import { countHealth, targetPools, type Health } from "./target-view.ts";

const target = (scrapePool: string, host: string, health: Health, lastError = ""): ActiveTarget => ({
  discoveredLabels: {},
  labels: { instance: host },
  scrapePool,
  scrapeUrl: `http://${host}/metrics`,
  globalUrl: "",
  lastError,
  lastScrape: "",
  lastScrapeDuration: 0,
  health,
  scrapeInterval: "15s",
  scrapeTimeout: "10s",
});

const targets = [
  target("a", "h1:1", "up"),
  target("b", "h3:1", "up"),
  target("b", "h2:1", "down", "connection refused"),
  target("b", "h4:1", "unknown"),
];

test("pools with trouble come first, and in them what is down", () => {
  const pools = targetPools(targets, { healths: new Set(), text: "" });
  expect(pools.map(({ name, up, total }) => [name, up, total])).toEqual([
    ["b", 1, 3],
    ["a", 1, 1],
  ]);
  expect(pools[0]?.targets.map(({ health }) => health)).toEqual(["down", "unknown", "up"]);
  expect(countHealth(targets)).toEqual({ up: 2, down: 1, unknown: 1 });
});

const found = (text: string, ...healths: Health[]) =>
  targetPools(targets, { healths: new Set(healths), text }).map(({ name, targets: left, total }) => [
    name,
    left.length,
    total,
  ]);

test("the filter leaves a pool's own counts as they are", () => {
  expect(found("", "up")).toEqual([
    ["b", 1, 3],
    ["a", 1, 1],
  ]);
  expect(found("REFUSED")).toEqual([["b", 1, 3]]);
  expect(found("instance=h1:1")).toEqual([["a", 1, 1]]);
  expect(found("instance=h1:1", "down")).toEqual([]);
});
