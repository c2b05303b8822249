/** A dashboard's refresh is answered from what was computed before, and is right when late samples came. */
import { Labels } from "@binnacle/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { postWrite } from "../support/remote-write.ts";

const STEP_S = 15;
const END_S = Math.floor(Date.now() / 1000 / STEP_S) * STEP_S - 600;
const START_S = END_S - 1800;

let binnacle: RunningBinnacle;

beforeAll(async () => {
  binnacle = await startBinnacle({ mode: "serve", config: "binnacle: {default_rules: false}\n" });
  await write((step) => (step % 7 === 3 ? undefined : step));
});
afterAll(async () => {
  await binnacle?.stop();
});

async function write(valueOf: (step: number) => number | undefined): Promise<void> {
  const series = ["a", "b"].map((job) => ({
    labels: Labels.fromObject({ __name__: "refreshed", job }),
    samples: Array.from({ length: 1 + (END_S - START_S) / STEP_S }, (_, step) => step).flatMap((step) => {
      const value = valueOf(step);
      return value === undefined ? [] : [[(START_S + step * STEP_S) * 1000, value] as const];
    }),
  }));
  expect((await postWrite(`${binnacle.url}/api/v1/write`, series)).status).toBe(204);
}

async function ask(endS: number, more = ""): Promise<unknown> {
  const range = `start=${endS - 1500}&end=${endS}&step=${STEP_S}`;
  const query = encodeURIComponent("sum by (job) (avg_over_time(refreshed[1m]))");
  const response = await fetch(`${binnacle.url}/api/v1/query_range?query=${query}&${range}${more}`);
  return ((await response.json()) as { data: unknown }).data;
}

async function counts(): Promise<Record<string, number>> {
  const text = await (await fetch(`${binnacle.url}/metrics`)).text();
  const lines = text.matchAll(/^binnacle_query_cache_(?:requests|steps)_total\{\w+="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name!, Number(value)]));
}

test("refreshes are hits, nocache goes round them, and late samples are seen", async () => {
  const first = await ask(END_S - 60);
  expect(await counts()).toMatchObject({ hit: 0, miss: 1, reused: 0, evaluated: 101 });
  for (let shift = 45; shift >= 0; shift -= 15) {
    expect(await ask(END_S - shift)).toEqual(await ask(END_S - shift, "&nocache=1"));
  }
  const after = await counts();
  expect(after).toMatchObject({ hit: 4, miss: 1, reused: 400, evaluated: 105 });
  // What was missing comes late: in the midst of what is kept.
  await write((step) => (step % 7 === 3 ? 1000 : undefined));
  const late = await ask(END_S);
  expect(late).toEqual(await ask(END_S, "&nocache=1"));
  expect(late).not.toEqual(first);
  expect((await counts())["evaluated"]).toBeGreaterThan(105 + 50);
});
