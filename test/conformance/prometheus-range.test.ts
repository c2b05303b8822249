/**
 * Prometheus 3.x and Binnacle hold the same hour of samples and answer the same range queries: same label
 * sets, same timestamps, values within 1e-9 relative.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { startPrometheus, type RunningPeer } from "../support/prometheus.ts";
import { HOUR_ROWS, loadRecording, tellMissingData } from "../support/recorded.ts";
import { pushRecording } from "../support/remote-write.ts";
import { QUERIES } from "./queries.ts";

let binnacle: RunningBinnacle;
let prometheus: RunningPeer;
// Whole steps, so that both sides evaluate at the same moments; the last sample lies a minute in the past.
const END_MS = Math.floor((Date.now() - 60_000) / 15_000) * 15_000;

beforeAll(async () => {
  const recording = loadRecording(["node", "prom"], HOUR_ROWS);
  if (!recording.isReal) tellMissingData("range queries are compared on made data");
  [binnacle, prometheus] = await Promise.all([
    startBinnacle({ mode: "serve" }),
    startPrometheus({ flags: ["--web.enable-remote-write-receiver"] }),
  ]);
  const startMs = END_MS - (recording.rowCount - 1) * recording.stepMs;
  await pushRecording(`${binnacle.url}/api/v1/write`, recording, { startMs });
  await pushRecording(`${prometheus.url}/api/v1/write`, recording, { startMs });
});

afterAll(async () => {
  await Promise.all([binnacle?.stop(), prometheus?.stop()]);
});

test.each(QUERIES)("%s", async (query) => {
  const params = new URLSearchParams({
    query,
    start: String(END_MS / 1000 - 3000),
    end: String(END_MS / 1000 - 7),
    step: "37",
  });
  const [ours, theirs] = await Promise.all([
    fetchMatrix(binnacle.url, params),
    fetchMatrix(prometheus.url, params),
  ]);
  expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
  for (const [key, expected] of theirs) {
    const actual = ours.get(key)!;
    expect(actual.map(([time]) => time)).toEqual(expected.map(([time]) => time));
    for (const [i, [time, value]] of expected.entries()) {
      const got = actual[i]![1];
      if (!agree(Number(got), Number(value)))
        throw new Error(`${key} at ${time}: ${got}, Prometheus says ${value}`);
    }
  }
});

test("nearly all queries have an answer: the comparison is not of nothing with nothing", async () => {
  const range = { start: String(END_MS / 1000 - 3000), end: String(END_MS / 1000 - 7), step: "37" };
  const empty: string[] = [];
  for (const query of QUERIES) {
    const matrix = await fetchMatrix(prometheus.url, new URLSearchParams({ query, ...range }));
    if (matrix.size === 0) empty.push(query);
  }
  expect(empty.length, empty.join("; ")).toBeLessThan(8);
});

type Point = readonly [number, string];

async function fetchMatrix(url: string, params: URLSearchParams): Promise<Map<string, readonly Point[]>> {
  const response = await fetch(`${url}/api/v1/query_range?${params.toString()}`);
  const body = (await response.json()) as {
    status: string;
    error?: string;
    data: { result: { metric: Record<string, string>; values: Point[] }[] };
  };
  if (body.status !== "success") throw new Error(`${url}: ${response.status} ${body.error}`);
  return new Map(
    body.data.result.map(({ metric, values }) => [
      JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1))),
      values,
    ]),
  );
}

/** Equal within 1e-9 relative (or 1e-300 absolute), or the same infinity, or both NaN. */
function agree(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= Math.max(1e-300, 1e-9 * Math.max(Math.abs(a), Math.abs(b)));
}
