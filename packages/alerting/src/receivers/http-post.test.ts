import { expect, test } from "vitest";
import { TestServer, type TestAnswer } from "../testing-http.ts";
import { parseRetryAfter, postJson } from "./http-post.ts";
import { DeliveryError } from "./receiver.ts";

async function failureOf(
  url: string,
  options: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<DeliveryError> {
  const signal = options.signal ?? new AbortController().signal;
  const error: unknown = await postJson({
    url,
    body: {},
    timeoutMs: options.timeoutMs ?? 0,
    signal,
    nowMs: 0,
  }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DeliveryError);
  return error as DeliveryError;
}

test("posts JSON with the headers it is given", async () => {
  await using server = await TestServer.start();
  await postJson({
    url: `${server.url}/hook?x=1`,
    body: { a: "ü" },
    headers: { authorization: "Bearer t" },
    timeoutMs: 5000,
    signal: new AbortController().signal,
    nowMs: 0,
  });
  const [request] = server.requests;
  expect(request).toMatchObject({ path: "/hook?x=1", body: { a: "ü" } });
  expect(request!.headers).toMatchObject({ authorization: "Bearer t", "content-type": "application/json" });
});

test.for<
  [what: string, answer: TestAnswer, reason: string, isRetryable: boolean, retryAfterMs: number | undefined]
>([
  ["400", { status: 400, body: "no such hook" }, "client_error", false, undefined],
  ["404", { status: 404 }, "client_error", false, undefined],
  ["429", { status: 429 }, "too_many_requests", true, undefined],
  ["429 with Retry-After", { status: 429, headers: { "retry-after": "7" } }, "too_many_requests", true, 7000],
  ["500", { status: 500 }, "server_error", true, undefined],
  ["503 with Retry-After", { status: 503, headers: { "retry-after": "2" } }, "server_error", true, 2000],
])("an answer of %s", async ([, answer, reason, isRetryable, retryAfterMs]) => {
  await using server = await TestServer.start();
  server.answers.push(answer);
  const error = await failureOf(`${server.url}/secret`);
  expect(error).toMatchObject({ reason, isRetryable });
  expect(error.retryAfterMs).toBe(retryAfterMs);
  expect(error.message).toContain(`unexpected status code ${answer.status}`);
  expect(error.message).toContain(answer.body ?? "");
  expect(error.message).not.toContain("secret");
});

test("no answer in time, nobody there, a broken-off request", async () => {
  await using server = await TestServer.start();
  server.answers.push({ delayMs: 5000 }, { delayMs: 5000 });
  expect(await failureOf(server.url, { timeoutMs: 50 })).toMatchObject({
    reason: "timeout",
    isRetryable: true,
  });
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 50);
  const aborted = await failureOf(server.url, { signal: abort.signal });
  expect(aborted).toMatchObject({ reason: "other", isRetryable: false });
  const closed = server.url;
  await server[Symbol.asyncDispose]();
  const refused = await failureOf(closed);
  expect(refused).toMatchObject({ reason: "network", isRetryable: true });
  expect(refused.message).toMatch(/^the request failed: ./);
});

test("only the beginning of a long answer is read", async () => {
  await using server = await TestServer.start();
  server.answers.push({ status: 400, body: "x".repeat(1_000_000) });
  expect((await failureOf(server.url)).message.length).toBeLessThan(5000);
});

test.for([
  [null, undefined],
  ["12", 12_000],
  ["Thu, 01 Jan 1970 00:00:10 GMT", 9000],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["soon", undefined],
] as const)("Retry-After %s is %s ms", ([text, ms]) => {
  expect(parseRetryAfter(text, 1000)).toBe(ms);
});
