/**
 * What bounds a query in a running server: its client, its deadline, its budgets. Its neighbours are
 * answered.
 */
import { Labels } from "@binnacle/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { postWrite } from "../support/remote-write.ts";

let binnacle: RunningBinnacle;

const START_MS = Date.now() - 3_600_000;

beforeAll(async () => {
  binnacle = await startBinnacle({ mode: "serve", config: "binnacle: {default_rules: false}\n" });
  const series = Array.from({ length: 50 }, (_, i) => ({
    labels: Labels.fromObject({ __name__: "many", series: String(i) }),
    samples: Array.from({ length: 360 }, (__, step) => [START_MS + step * 10_000, step] as const),
  }));
  expect((await postWrite(`${binnacle.url}/api/v1/write`, series)).status).toBe(204);
});
afterAll(async () => {
  await binnacle?.stop();
});

const urlOf = (query: string, more = ""): string =>
  `${binnacle.url}/api/v1/query?query=${encodeURIComponent(query)}${more}`;

/**
 * Steps of one series, millions of them: a worker that polls series by series does not see its flag
 * meanwhile.
 */
const SLOW_ALONE = "sum_over_time(vector(time())[90d:1s])";
/** Series by series, each of some weight. */
const SLOW_TOGETHER =
  "sum(quantile_over_time(0.5, many[1h]) + quantile_over_time(0.5, (many + time())[45m:1s]))";

test.each([SLOW_ALONE, SLOW_TOGETHER])(
  "a client that hangs up frees its worker long before %s would have ended",
  async (query) => {
    const beganMs = performance.now();
    const whole = await fetch(urlOf(query));
    await whole.arrayBuffer();
    const wholeMs = performance.now() - beganMs;
    expect(whole.status).toBe(200);

    const controller = new AbortController();
    const asked = fetch(urlOf(query), { signal: controller.signal });
    setTimeout(() => controller.abort(), wholeMs / 10);
    await expect(asked).rejects.toThrow();
    const hungUpMs = performance.now();
    // As many as there can be workers: one of them waits for the one that was freed.
    const neighbours = await Promise.all(Array.from({ length: 16 }, () => scalar(binnacle.url, "vector(2)")));
    expect(neighbours).toEqual(neighbours.map(() => 2));
    expect(performance.now() - hungUpMs).toBeLessThan(wholeMs * 0.75);
  },
);

test("a deadline is kept and named, whatever the query does", async () => {
  for (const query of [SLOW_ALONE, SLOW_TOGETHER]) {
    const response = await fetch(urlOf(query, "&timeout=1ms"));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      errorType: "timeout",
      error: expect.stringMatching(/query timed out.*\b\d+(\.\d+)? ms/),
    });
  }
  expect(await scalar(binnacle.url, "vector(2)")).toBe(2);
});

test("a budget of samples is kept and named", async () => {
  const small = await startBinnacle({ mode: "serve", config: "binnacle: {query: {samples_max: 1000}}\n" });
  try {
    const samples = Array.from({ length: 1001 }, (_, i) => [START_MS + i * 1000, i] as const);
    const labels = Labels.fromObject({ __name__: "budget" });
    expect((await postWrite(`${small.url}/api/v1/write`, [{ labels, samples }])).status).toBe(204);
    const response = await fetch(
      `${small.url}/api/v1/query?query=${encodeURIComponent("max_over_time(budget[2h])")}`,
    );
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errorType: "execution",
      error: expect.stringMatching(/too many samples.*\b1000 \(samplesMax\)/),
    });
    expect(await scalar(small.url, "vector(2)")).toBe(2);
  } finally {
    await small.stop();
  }
});

test("a query that is too long is refused before it is read", async () => {
  const body = new URLSearchParams({ query: `${"1+".repeat(70_000)}1` });
  const response = await fetch(`${binnacle.url}/api/v1/query`, { method: "POST", body });
  expect(response.status).toBe(422);
  expect(((await response.json()) as { error: string }).error).toContain("QUERY_LENGTH_MAX");
});
