/** The commands about lines: what they ask, and what they print to a person and to a pipe. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logQuery } from "./logs.ts";
import { main } from "./main.ts";

let asked: URL[] = [];
let url: string;
const server = http.createServer((request, response) => {
  asked.push(new URL(request.url!, "http://localhost"));
  const result = [
    { stream: { pod: "b" }, values: [["2000000000", "second"]] },
    { stream: { pod: "a", container: "c" }, values: [["1000000001", "first order-1"]] },
  ];
  response.end(JSON.stringify({ status: "success", data: { resultType: "streams", result } }));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function run(args: readonly string[], options: { person?: boolean; input?: string } = {}) {
  asked = [];
  let out = "";
  let complaints = "";
  const exitCode = await main([...args, "--server", url], {
    start: () => Promise.reject(new Error("BUG: nothing is to be started")),
    complain: (text) => (complaints += text),
    readInput: () => Promise.resolve(options.input ?? ""),
    terminal: { write: (text) => (out += text), isInteractive: options.person === true, columns: 60 },
  });
  return { exitCode, out, complaints };
}

test.each([
  [undefined, {}, '""'],
  ["shop", {}, '{pod=~".*(?:shop).*"}'],
  [undefined, { selector: "app=shop, tier!=db,x=~a.*" }, '{app="shop", tier!="db", x=~"a.*"}'],
  ["x", { namespace: "n", container: "c" }, '{pod=~".*(?:x).*", namespace="n", container="c"}'],
  ['{job="j"}', { grep: ["a", 'b"'], exclude: ["c"] }, '{job="j"} |~ "a" |~ "b\\"" !~ "c"'],
])("%s %j", (pod, options, query) => {
  expect(logQuery(pod, options)).toBe(query);
});

test("a pipe gets plain lines in the order of time", async () => {
  const { out, exitCode } = await run(["logs", "shop", "--tail", "7", "--since", "5m", "-H", "order-[0-9]+"]);
  expect(exitCode).toBe(0);
  expect(out).toBe("a/c first order-1\nb second\n");
  expect(asked[0]!.searchParams.get("limit")).toBe("7");
  expect(asked[0]!.searchParams.get("direction")).toBe("backward");
});

test("a person gets colours", async () => {
  const { out } = await run(["logs", "-H", "order-[0-9]+"], { person: true });
  // oxlint-disable-next-line no-control-regex -- the escape character is what begins a colour.
  expect(out).toMatch(/^\u001b\[\d+ma\/c\u001b\[0m first \u001b\[7morder-1\u001b\[27m\n/);
  expect((await run(["logs", "--color", "never"], { person: true })).out).toBe(
    "a/c first order-1\nb second\n",
  );
});

test("other forms", async () => {
  expect((await run(["logs", "-o", "raw", "-t"])).out).toBe(
    "1970-01-01T00:00:01.000000001Z first order-1\n1970-01-01T00:00:02.000000000Z second\n",
  );
  expect((await run(["logs", "-o", "json"])).out.split("\n")[1]).toBe(
    '{"timestamp":"1970-01-01T00:00:02.000000000Z","labels":{"pod":"b"},"line":"second"}',
  );
  expect((await run(["query", "logs", '{pod="b"}', "-o", "raw"])).out).toBe("second\nfirst order-1\n");
});

test("kubectl's and stern's names of flags", async () => {
  await run([
    "logs",
    "-A",
    "-i",
    "a",
    "--include",
    "b",
    "-e",
    "c",
    "-v",
    "d",
    "--since-time",
    "1970-01-01T00:00:05Z",
  ]);
  expect(asked[0]!.searchParams.get("query")).toBe('"" |~ "a" |~ "b" !~ "d" !~ "c"');
  expect(asked[0]!.searchParams.get("start")).toBe("5000000000");
});

test("sorted lines are printed as they come", async () => {
  expect((await run(["query", "logs", '{pod="b"} | sort pod desc', "-o", "raw"])).out).toBe(
    "second\nfirst order-1\n",
  );
  expect((await run(["query", "logs", '{pod="b"} | sort pod desc', "-o", "raw", "--forward"])).out).toBe(
    "second\nfirst order-1\n",
  );
});

test("what makes no sense is told", async () => {
  for (const args of [
    ["logs", "--tail", "x"],
    ["logs", "-l", "nonsense"],
    ["logs", "--since", "soon"],
  ]) {
    expect((await run(args)).exitCode, args.join(" ")).toBe(2);
  }
});

test.each([
  ['{a="b"} |= "x"', "a x\nb\nc x\r\n", "a x\nc x\n"],
  ['"b"', "a\nb", "b\n"],
  ["{} | logfmt | n > 1 | line_format `<{{.n}}>`", "n=1\nn=2\nn=3\n", "PARSE"],
  ['{s="stdin"} | logfmt | n > 1 | line_format `<{{.n}}>`', "n=1\nn=2\nn=3\n", "<2>\n<3>\n"],
  ['sum(count_over_time({s="x"} |= "a"[1m]))', "a\nb\na\n", "{} 2\n"],
  ['{s="x"} | logfmt | distinct n | sort n desc', "n=1\nn=3\nn=2\nn=3\n", "n=3\nn=2\nn=1\n"],
  ['{s="x"} |= "b" | context before 1 after 1', "a\nb\nc\nd\n", "a\nb\nc\n"],
  ['{s="x"}', "", ""],
])("standard input: %s", async (query, input, expected) => {
  const { out, exitCode, complaints } = await run(["query", "logs", "--stdin", query], { input });
  if (expected === "PARSE") {
    expect([exitCode, complaints]).toEqual([1, expect.stringContaining("parse error at line 1, col 1")]);
  } else {
    expect([complaints, out]).toEqual(["", expected]);
  }
  expect(asked).toEqual([]);
});
