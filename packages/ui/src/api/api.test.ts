import { rangeQuery } from "@binnacle/api";
import { afterEach, expect, test, vi } from "vitest";
import { ApiError, offsetOf, positionIn } from "./api-error.ts";
import { millisecondsOf, nanoseconds } from "./logs-api.ts";
import { firstNumber } from "./metrics-api.ts";
import { fillPath, request, toForm } from "./request.ts";

afterEach(() => vi.unstubAllGlobals());

test.each([
  ['invalid parameter "query": 1:48: parse error: unclosed left parenthesis', { line: 1, column: 48 }],
  ["1:5: parse error: unexpected end of input", { line: 1, column: 5 }],
  ["parse error at line 2, col 12: syntax error: unexpected |", { line: 2, column: 12 }],
  ["syntax error at line 3, column 4", { line: 3, column: 4 }],
])("%s names a place", (message, place) => {
  expect(positionIn(message)).toEqual(place);
});

test.each([
  "no place",
  "at 12:30 o'clock",
  "http://127.0.0.1:9090/x",
  "0:0: nowhere",
  "dial tcp 10.0.0.1:80: refused",
])("%s names none", (message) => {
  expect(positionIn(message)).toBeUndefined();
});

test("a position is an offset in its line, clamped into the text", () => {
  expect(offsetOf("ab\ncd", { line: 2, column: 2 })).toBe(4);
  expect(offsetOf("ab\ncd", { line: 9, column: 1 })).toBe(3);
  expect(offsetOf("ab", { line: 1, column: 99 })).toBe(2);
});

test("parameters: arrays repeat, undefined vanishes, path parts are encoded", () => {
  expect(toForm({ "match[]": ["a", "b"], x: undefined, y: "1" }).toString()).toBe(
    "match%5B%5D=a&match%5B%5D=b&y=1",
  );
  expect(fillPath("/api/v1/label/:name/values", ["a/b c"])).toBe("/api/v1/label/a%2Fb%20c/values");
});

test("nanoseconds keep what a double would lose", () => {
  expect(nanoseconds(1_700_000_000_123.9)).toBe("1700000000123000000");
  expect(millisecondsOf("1700000000123456789")).toBeCloseTo(1_700_000_000_123.4568, 3);
  expect(millisecondsOf("5")).toBe(0.000_005);
});

test("the first number of an answer", () => {
  expect(firstNumber({ resultType: "scalar", result: [0, "1.5"] })).toBe(1.5);
  expect(firstNumber({ resultType: "vector", result: [{ metric: {}, value: [0, "-Inf"] }] })).toBe(-Infinity);
  expect(firstNumber({ resultType: "vector", result: [] })).toBeNaN();
  expect(firstNumber(undefined)).toBeNaN();
});

const params = { query: "up", start: "0", end: "1", step: "1" };
const ask = (): Promise<unknown> => request(rangeQuery, params, { signal: new AbortController().signal });

function answerWith(body: string, status: number): void {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(body, { status })));
}

test("an answer is its data, with what the server warns of", async () => {
  answerWith('{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["careful",7]}', 200);
  expect(await ask()).toMatchObject({ data: { result: [] }, warnings: ["careful"], infos: [] });
});

test.each([
  [
    400,
    '{"status":"error","errorType":"bad_data","error":"1:2: parse error: x"}',
    "refused",
    "1:2: parse error: x",
  ],
  [400, "parse error at line 1, col 3: x", "refused", "parse error at line 1, col 3: x"],
  [500, '{"message":"went wrong"}', "refused", "went wrong"],
  [502, "", "refused", "The server answered 502."],
  [200, "<html>", "unreadable", "The server's answer is not the API's JSON."],
  [200, "[]", "unreadable", "The server's answer is not the API's JSON."],
])("%i %s is %s", async (status, body, kind, message) => {
  answerWith(body, status);
  const error = await ask().catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ kind, message, status });
});

test("no answer at all is said as such, and a cancelled request stays cancelled", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
  await expect(ask()).rejects.toMatchObject({ kind: "unreachable" });
  const controller = new AbortController();
  controller.abort();
  const cancelled = request(rangeQuery, params, { signal: controller.signal });
  await expect(cancelled).rejects.toBeInstanceOf(TypeError);
});

test("a long query travels as a body", async () => {
  const seen: { url: string; method: string }[] = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    seen.push({ url, method: init.method ?? "GET" });
    return Promise.resolve(new Response('{"status":"success","data":{"resultType":"matrix","result":[]}}'));
  });
  const { signal } = new AbortController();
  await request(rangeQuery, params, { signal });
  await request(rangeQuery, { ...params, query: "x".repeat(5000) }, { signal });
  expect(seen).toEqual([
    { url: "/api/v1/query_range?query=up&start=0&end=1&step=1", method: "GET" },
    { url: "/api/v1/query_range", method: "POST" },
  ]);
});
