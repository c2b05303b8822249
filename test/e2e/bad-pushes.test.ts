/** Bad input gets a 4xx that says what and where, and what was good beside it is kept. */
import { Labels } from "@binnacle/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logql, scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { nowNs, postLoki } from "../support/loki-push.ts";
import { postWrite, type WrittenSeries } from "../support/remote-write.ts";

let binnacle: RunningBinnacle;
const DAY_MS = 86_400_000;

beforeAll(async () => {
  binnacle = await startBinnacle({ mode: "serve" });
});
afterAll(async () => {
  await binnacle?.stop();
});

const series = (
  labels: Readonly<Record<string, string>>,
  ...samples: readonly (readonly [number, number])[]
): WrittenSeries => ({ labels: Labels.fromObject(labels), samples });

test.for<[name: string, bad: () => WrittenSeries, complaint: RegExp]>([
  [
    "a sample far in the future",
    () => series({ __name__: "w", job: "j" }, [Date.now() + 10 * DAY_MS, 1]),
    /future/,
  ],
  [
    "a sample far in the past",
    () => series({ __name__: "w", job: "j" }, [Date.now() - 300 * DAY_MS, 1]),
    /old/,
  ],
  ["a series without a name", () => series({ job: "j" }, [Date.now(), 1]), /name/i],
])("remote write: %s is refused, its neighbour kept", async ([name, bad, complaint]) => {
  const kept = `kept_${name.replaceAll(" ", "_")}`;
  const response = await postWrite(`${binnacle.url}/api/v1/write`, [
    bad(),
    series({ __name__: kept, job: "j" }, [Date.now(), 7]),
  ]);
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(complaint);
  expect(await scalar(binnacle.url, kept)).toBe(7);
});

test("remote write: another value for a time that has one is refused", async () => {
  const timeMs = Date.now();
  const write = (value: number) =>
    postWrite(`${binnacle.url}/api/v1/write`, [series({ __name__: "twice", job: "j" }, [timeMs, value])]);
  expect((await write(1)).status).toBe(204);
  expect((await write(1)).status).toBe(204);
  expect((await write(2)).status).toBe(400);
  expect(await scalar(binnacle.url, "twice")).toBe(1);
});

test.for<[name: string, path: string, headers: Record<string, string>, body: string, status: number]>([
  ["no snappy", "/api/v1/write", { "content-type": "application/x-protobuf" }, "garbage", 400],
  ["another type", "/api/v1/write", { "content-type": "application/json" }, "{}", 415],
  [
    "another encoding",
    "/api/v1/write",
    { "content-type": "application/x-protobuf", "content-encoding": "br" },
    "x",
    415,
  ],
  ["no body", "/api/v1/write", { "content-type": "application/x-protobuf" }, "", 400],
  ["no JSON", "/loki/api/v1/push", { "content-type": "application/json" }, "{", 400],
  [
    "JSON of another shape",
    "/loki/api/v1/push",
    { "content-type": "application/json" },
    '{"streams":3}',
    400,
  ],
  ["no protobuf", "/loki/api/v1/push", { "content-type": "application/x-protobuf" }, "garbage", 400],
  ["another type", "/loki/api/v1/push", { "content-type": "text/csv" }, "a,b", 415],
])("a body that is not what its type says: %s at %s", async ([, path, headers, body, status]) => {
  const response = await fetch(`${binnacle.url}${path}`, { method: "POST", headers, body });
  expect(response.status).toBe(status);
  expect((await response.text()).length).toBeGreaterThan(10);
});

test.for<[name: string, bad: () => Parameters<typeof postLoki>[1][number], complaint: RegExp]>([
  [
    "a line too long",
    () => ({ stream: { job: "x" }, values: [[nowNs(), "y".repeat(1024 * 1024 + 1)]] }),
    /long|bytes/,
  ],
  [
    "a time far in the future",
    () => ({ stream: { job: "x" }, values: [[nowNs(DAY_MS), "y"]] }),
    /new|future/,
  ],
  ["labels that are none", () => ({ stream: {}, values: [[nowNs(), "y"]] }), /label/],
  ["a label's name that is none", () => ({ stream: { "a b": "c" }, values: [[nowNs(), "y"]] }), /a b/],
])("push: %s is refused, its neighbour kept", async ([name, bad, complaint]) => {
  const kept = name.replaceAll(/\W/g, "_");
  const response = await postLoki(binnacle.url, [
    bad(),
    { stream: { job: "kept", test: kept }, values: [[nowNs(), "good"]] },
  ]);
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(complaint);
  const [stream] = await logql(binnacle.url, `{job="kept",test="${kept}"}`);
  expect(stream!.values[0]![1]).toBe("good");
});

test.for<[path: string, query: string, place: RegExp]>([
  ["/api/v1/query", "sum(rate(x[5m])", /1:\d+/],
  ["/api/v1/query", 'x{a=~"("}', /regex|missing/],
  ["/loki/api/v1/query_range", '{a="b"', /1, col|1:\d+/],
  ["/loki/api/v1/query_range", "rate({}[5m])", /matcher|parse/],
])("a mistake in a query is a 400 with its place: %s %s", async ([path, query, place]) => {
  const response = await fetch(`${binnacle.url}${path}?query=${encodeURIComponent(query)}`);
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(place);
});

test("all the while it is healthy", async () => {
  expect((await fetch(`${binnacle.url}/-/ready`)).status).toBe(200);
});
