/** Whoever sees samples refused finds the reason explained. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { SAMPLE_REJECT_REASONS } from "../../packages/model/src/metric-sink.ts";
import { ROOT } from "../freshness.mjs";
import { METRICS_PAGE } from "./reference.ts";

test.for(SAMPLE_REJECT_REASONS)("%s stands in the page of metrics", (reason) => {
  const page = readFileSync(join(ROOT, METRICS_PAGE), "utf8");
  const line = page.split("\n").find((each) => each.includes("`binnacle_tsdb_samples_rejected_total`"));
  expect(line).toMatch(new RegExp(`\\b${reason}\\b`));
});
