/** What queries depend on, in seconds: `before after`, `fixed from..to`, or `no` for what is never kept. */
import { expect, test } from "vitest";
import type { QueryFrame } from "../engine/query-frame.ts";
import { ALL_LANGUAGE_FEATURES } from "../parser/features.ts";
import { parse } from "../parser/index.ts";
import { dependenceOf } from "./dependence.ts";

const FRAME: QueryFrame = {
  startMs: 1_000_000,
  endMs: 2_000_000,
  stepMs: 15_000,
  isRange: true,
  lookbackDeltaMs: 300_000,
  subqueryStepMs: 60_000,
};

function describe(query: string): string {
  const found = dependenceOf(parse(query, { features: ALL_LANGUAGE_FEATURES }), FRAME);
  if (found === undefined) return "no";
  const parts = Number.isFinite(found.beforeMs) ? [`${found.beforeMs / 1000} ${found.afterMs / 1000}`] : [];
  for (const { startMs, endMs } of found.fixed) parts.push(`fixed ${startMs / 1000}..${endMs / 1000}`);
  return parts.join(", ");
}

const CASES: readonly (readonly [query: string, dependence: string])[] = [
  ["x", "300 0"],
  ["x offset 1m", "360 -60"],
  ["x offset -1m", "240 60"],
  ["rate(x[5m])", "300 0"],
  ["rate(x[10m]) + y offset -1m", "600 60"],
  ["rate(x[step() * 4])", "60 0"],
  ["rate(x[5m] smoothed)", "600 300"],
  ["rate(x[5m] anchored)", "600 0"],
  ["max_over_time(x[10m:1m])", "900 0"],
  ["max_over_time(rate(x[1m])[10m:1m] offset 2m)", "780 -120"],
  ["x @ 1500", "fixed 1200..1500"],
  ["sum(x) / sum(x @ 1500)", "300 0, fixed 1200..1500"],
  ["max_over_time(x[10m:1m] @ 1500 offset 1m)", "fixed 540..1440"],
  ["topk(5, rate(x[1m]))", "60 0"],
  ["topk(5, x * 2)", "300 0"],
  ['count({a="b"})', "300 0"],
  ["-sum(x)", "300 0"],
  // Of more than the step and samples near it.
  ["x @ end()", "no"],
  ["max_over_time(x[5m] @ start())", "no"],
  ["x + start()", "no"],
  ["rate(x[range()])", "no"],
  ["max_over_time(x[5m:range() / 10])", "no"],
  ["limitk(3, x)", "no"],
  ["topk(5, sum by (a) (x))", "no"],
  ['label_replace(x, "a", "b", "c", "d")', "no"],
  ["info(x)", "no"],
  ['rate({a="b"}[5m])', "no"],
  ["rate((x or y)[5m:1m])", "no"],
  ['-{a="b"}', "no"],
  ['logs(count_over_time({a="b"}[1m]))', "no"],
  ["time()", "no"],
];

test.for(CASES)("%s", ([query, dependence]) => {
  expect(describe(query)).toBe(dependence);
});
