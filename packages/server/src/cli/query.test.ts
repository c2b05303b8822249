/** The commands that ask a server, against one that answers as Prometheus does. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { main } from "./main.ts";

const VECTOR = {
  resultType: "vector",
  result: [
    { metric: { __name__: "up", job: "a,b" }, value: [1_767_323_045, "1"] },
    { metric: { __name__: "up", pod: "p" }, histogram: [1_767_323_045, { count: "3", sum: "1.5" }] },
  ],
};
const MATRIX = (count: number) => ({
  resultType: "matrix",
  result: Array.from({ length: count }, (_, i) => ({
    metric: { job: "j", pod: `p${i}` },
    values: [
      [1_767_323_000, "1"],
      [1_767_323_030, "4"],
    ],
  })),
});

/** The answer's data by path and query. */
let answers: (path: string, params: URLSearchParams) => { status?: number; body: unknown };
let asked: string[];
let url: string;
const server = http.createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url!, "http://localhost");
  asked.push(`${pathname}?${searchParams.toString()}`);
  const { status = 200, body } = answers(pathname, searchParams);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  asked = [];
  answers = () => ({ body: { status: "success", data: VECTOR } });
});

async function run(args: readonly string[], options: { person?: boolean; input?: string } = {}) {
  let out = "";
  let complaints = "";
  const exitCode = await main(args[0] === "query" ? [...args, "--server", url] : args, {
    start: () => Promise.reject(new Error("BUG: nothing is to be started")),
    complain: (text) => (complaints += text),
    readInput: () => Promise.resolve(options.input ?? ""),
    terminal: { write: (text) => (out += text), isInteractive: options.person === true, columns: 60 },
  });
  return { exitCode, out, complaints };
}

const answering = (data: unknown, more: object = {}): void => {
  answers = () => ({ body: { status: "success", data, ...more } });
};

test("an instant query as a table", async () => {
  const time = "2026-01-02T03:04:05.000Z";
  expect(await run(["query", "instant", "up", "--time", "1767323045"])).toEqual({
    exitCode: 0,
    complaints: "",
    out: [
      "metric  job  pod                      time            value",
      `up      a,b  -    ${time}                1`,
      `up      -    p    ${time}  count 3 sum 1.5`,
      "",
    ].join("\n"),
  });
  expect(asked).toEqual(["/api/v1/query?query=up&time=1767323045"]);
});

test("as CSV and as JSON", async () => {
  const csv = await run(["query", "instant", "up", "--format", "csv"]);
  expect(csv.out.split("\n").slice(0, 2)).toEqual([
    "metric,job,pod,time,value",
    'up,"a,b",,2026-01-02T03:04:05.000Z,1',
  ]);
  const json = await run(["query", "instant", "up", "--format", "json"]);
  expect(json.out).toBe(`${JSON.stringify(VECTOR)}\n`);
});

test("a range: rows to a pipe, charts to a person, a line a series where they are many", async () => {
  const range = ["query", "range", "x", "--start", "1767323000", "--end", "1767323060", "--step", "30s"];
  answering(MATRIX(1));
  const piped = await run(range);
  expect(piped.out.split("\n")).toEqual([
    "job  pod                      time  value",
    "j    p0   2026-01-02T03:03:20.000Z      1",
    "j    p0   2026-01-02T03:03:50.000Z      4",
    "",
  ]);
  const drawn = await run(range, { person: true });
  expect(drawn.out).toMatch(/^\{job="j", pod="p0"\}\n4 │[^]*\n1 │/);
  answering(MATRIX(5));
  const many = (await run(range, { person: true })).out.split("\n");
  expect(many[0]).toBe('{job="j"}');
  expect(many[1]).toMatch(/^series +curve +min +max +last$/);
  expect(many[2]).toMatch(/^\{pod="p0"\} +▁+█+ +1 +4 +4$/);
  expect(asked[0]).toBe("/api/v1/query_range?query=x&start=1767323000&end=1767323060&step=30s");
});

test("series and labels", async () => {
  answering([{ __name__: "up", job: "a" }, { job: "b" }]);
  expect((await run(["query", "series", "up", "{job='b'}"])).out).toBe("metric  job\nup      a\n-       b\n");
  answering(["a", "b"]);
  expect((await run(["query", "labels"])).out).toBe("label\na\nb\n");
  await run(["query", "labels", "http.status", "--limit", "5"]);
  expect(asked).toEqual([
    "/api/v1/series?match%5B%5D=up&match%5B%5D=%7Bjob%3D%27b%27%7D",
    "/api/v1/labels?",
    "/api/v1/label/U__http_2e_status/values?limit=5",
  ]);
});

test("an expression from standard input", async () => {
  await run(["query", "instant", "-"], { input: "up == 0\n" });
  expect(asked).toEqual(["/api/v1/query?query=up+%3D%3D+0"]);
});

test("warnings go to standard error", async () => {
  answering(VECTOR, { warnings: ["cut"], infos: ["guess"] });
  expect((await run(["query", "instant", "up"])).complaints).toBe("warning: cut\ninfo: guess\n");
});

test("nothing found is no failure unless it is to be one", async () => {
  answering({ resultType: "vector", result: [] });
  expect(await run(["query", "instant", "up"])).toEqual({ exitCode: 0, out: "", complaints: "" });
  expect(await run(["query", "instant", "up", "--fail-empty"])).toMatchObject({
    exitCode: 4,
    complaints: "",
  });
});

test("what the server says is said, with exit code 1", async () => {
  answers = () => ({ status: 400, body: { status: "error", errorType: "bad_data", error: "1:3: no" } });
  expect(await run(["query", "instant", "up["])).toEqual({
    exitCode: 1,
    out: "",
    complaints: `binnacle: ${url} answers 400: 1:3: no\n`,
  });
});

test.each([
  [["query", "instant", "up", "--time", "noon"], '"noon" is no time'],
  [["query", "instant", "up", "--format", "xml"], "Expected one of table, json, csv"],
  [["query", "instant"], "missing required argument 'expression'"],
  [["query", "range", "up", "--since", "1h", "--start", "now-1h"], "cannot be used with"],
  [["query", "everything"], "unknown command 'everything'"],
])("%j makes no sense", async (args, complaint) => {
  const { exitCode, complaints } = await run(args);
  expect(exitCode).toBe(2);
  expect(complaints).toContain(complaint);
});

test("promql explain shows what the parts of an expression took on a server", async () => {
  const figures = { totalMs: 1.5, selfMs: 0.25, evaluations: 1, series: 3 };
  const up = { type: "vectorSelector", figures: { ...figures, text: "up", totalMs: 1.25, selfMs: 1.25 } };
  answering({
    ...VECTOR,
    stats: { samples: { totalQueryableSamples: 30, peakSamples: 12 } },
    explain: {
      type: "binaryExpr",
      lhs: { type: "aggregation", expr: up, figures: { ...figures, text: "sum(up)" } },
      rhs: { type: "numberLiteral", val: "1" },
      figures: { ...figures, text: "sum(up) + 1", totalMs: 2, selfMs: 0.5, series: 1 },
    },
  });
  const { out, exitCode } = await run(["promql", "explain", "sum(up) + 1", "--server", url, "--since", "1h"]);
  expect(exitCode).toBe(0);
  expect(out).toBe(
    [
      "part            ms  of its own  evaluations  series",
      "sum(up) + 1  2.000       0.500            1       1",
      "└─ sum(up)   1.500       0.250            1       3",
      "   └─ up     1.250       1.250            1       3",
      "",
      "30 samples looked at, at most 12 held at once",
      "",
    ].join("\n"),
  );
  expect(asked[0]).toMatch(/^\/api\/v1\/query_range\?query=sum.*explain=1&stats=1&start=.*&step=30/);
});

test("promql fmt and explain need no server", async () => {
  expect((await run(["promql", "fmt", "sum(rate(up[5m]))by(job)"])).out).toBe(
    "sum by (job) (rate(up[5m]))\n",
  );
  expect((await run(["promql", "explain", "sum by (job) (rate(up[5m])) > 1"])).out).toBe(
    [
      ">                one value per series",
      "├─ sum by (job)  one value per series: one for each value of these labels",
      "│  └─ rate()     one value per series",
      "│     └─ up[5m]  the samples of a range per series: of all that satisfy 1 matcher",
      "└─ 1             a number",
      "",
    ].join("\n"),
  );
  const refused = await run(["promql", "fmt", "sum("]);
  expect(refused).toMatchObject({ exitCode: 1, out: "" });
  expect(refused.complaints).toMatch(/^binnacle: 1:5: parse error/);
});
