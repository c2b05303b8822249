/** Deleting lines over Loki's API: what a person and logcli see of it. */
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, logql } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { nowNs, postLoki } from "../support/loki-push.ts";

let binnacle: RunningBinnacle;

beforeAll(async () => {
  binnacle = await startBinnacle({ mode: "serve" });
  const values = ["red", "blue", "red again", "green"].map((line, i) => [nowNs(-60_000 + i), line] as const);
  await postLoki(binnacle.url, [
    { stream: { app: "shop" }, values },
    { stream: { app: "cart" }, values },
  ]);
});

afterAll(() => binnacle.stop());

async function change(method: "POST" | "DELETE", parameters: Record<string, string>): Promise<Response> {
  const query = new URLSearchParams(parameters);
  return fetch(`${binnacle.url}/loki/api/v1/delete?${query.toString()}`, { method });
}

async function lines(selector: string): Promise<string[]> {
  const streams = await logql(binnacle.url, selector, { direction: "forward", limit: "100" });
  return streams.flatMap(({ values }) => values.map(([, line]) => line));
}

interface Listed {
  readonly request_id: string;
  readonly query: string;
  readonly status: string;
  readonly start_time: number;
  readonly created_at: number;
}

async function list(): Promise<Listed[]> {
  return (await (await fetch(`${binnacle.url}/loki/api/v1/delete`)).json()) as Listed[];
}

test("deletes, lists, takes back and cleans", async () => {
  const start = String(Math.floor(Date.now() / 1000) - 3600);
  const query = '{app="shop"} |= "red"';
  const answer = await change("POST", { query, start, max_interval: "1h" });
  expect(answer.status).toBe(204);
  expect(await lines('{app="shop"}')).toEqual(["blue", "green"]);
  expect(await lines('{app="cart"}')).toHaveLength(4);

  const range = `start=${start}&query=${encodeURIComponent('{app="shop"}')}`;
  const stats = (await (await fetch(`${binnacle.url}/loki/api/v1/index/stats?${range}`)).json()) as object;
  expect(stats).toMatchObject({ entries: 2 });
  const patterns = await ask<{ samples: [number, number][] }[]>(
    `${binnacle.url}/loki/api/v1/patterns?${range}`,
  );
  const counted = patterns.flatMap(({ samples }) => samples).reduce((sum, [, count]) => sum + count, 0);
  expect(counted).toBe(2);

  const [first] = await list();
  expect(first).toMatchObject({ query, status: "received", start_time: Number(start) });
  const cancelled = await change("DELETE", { request_id: first!.request_id });
  expect(cancelled.status).toBe(204);
  expect(await lines('{app="shop"}')).toEqual(["red", "blue", "red again", "green"]);
  expect(await list()).toEqual([]);

  expect((await change("POST", { query, start })).status).toBe(204);
  const cleaned = await fetch(`${binnacle.url}/api/v1/admin/logs/clean_deletions`, { method: "POST" });
  expect(cleaned.status).toBe(204);
  const [second] = await list();
  expect(second).toMatchObject({ query, status: "processed" });
  expect((await change("DELETE", { request_id: second!.request_id, force: "true" })).status).toBe(400);
  expect(await lines('{app="shop"}')).toEqual(["blue", "green"]);
});

test.for([
  [{ start: "1" }, '"query"'],
  [{ query: '{app="shop"}' }, '"start"'],
  [{ query: '{app="shop"}', start: "x" }, '"start"'],
  [{ query: '{app="shop"}', start: "2", end: "1" }, '"end"'],
  [{ query: '{app="shop"}', start: "1", max_interval: "x" }, '"max_interval"'],
  [{ query: "{app=", start: "1" }, "parse error"],
  [{ query: 'sum(rate({app="shop"}[1m]))', start: "1" }, "log query"],
] as [Record<string, string>, string][])("%j is refused", async ([parameters, reason]) => {
  const answer = await change("POST", parameters);
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(reason);
  expect(await lines('{app="cart"}')).toHaveLength(4);
});

test("there is nothing to take back under an unknown name", async () => {
  expect((await change("DELETE", { request_id: "ffff" })).status).toBe(404);
  expect((await change("DELETE", {})).status).toBe(400);
});

test("a snapshot of the logs is a data directory of its own", async () => {
  const answer = await fetch(`${binnacle.url}/api/v1/admin/logs/snapshot`, { method: "POST" });
  const { data } = (await answer.json()) as { data: { name: string } };
  const dataDir = path.join(binnacle.dataDir, "snapshots", data.name);
  expect(fs.readdirSync(dataDir)).toEqual(["logs"]);
  const copy = await startBinnacle({ mode: "serve", dataDir });
  try {
    const streams = await logql(copy.url, '{app="cart"}', { direction: "forward", limit: "100" });
    expect(streams.flatMap(({ values }) => values.map(([, line]) => line))).toHaveLength(4);
  } finally {
    await copy.stop();
  }
  const escape = await fetch(`${binnacle.url}/api/v1/admin/logs/snapshot?name=../x`, { method: "POST" });
  expect(escape.status).toBe(400);
});
