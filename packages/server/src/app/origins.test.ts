/** What pages of other origins may do, with and without a setting that names them. */
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildTestApp } from "./test-app.ts";

let closed: FastifyInstance;
let open: FastifyInstance;
beforeAll(async () => {
  closed = await buildTestApp();
  open = await buildTestApp({ origins: { allowed: "https?://(a|b)\\.example" } });
});
afterAll(() => Promise.all([closed.close(), open.close()]));

const HOST = "here.example";
const FORM = "application/x-www-form-urlencoded";
type Ask = readonly [method: "GET" | "POST" | "OPTIONS", path: string];
const READ: Ask = ["GET", "/api/v1/format_query?query=up"];
const READ_BY_FORM: Ask = ["POST", "/api/v1/format_query"];
const CHANGE: Ask = ["POST", "/api/v1/admin/tsdb/clean_tombstones"];

async function ask(app: FastifyInstance, [method, url]: Ask, origin: string | undefined) {
  const answer = await app.inject({
    method,
    url,
    headers: { host: HOST, ...(origin === undefined ? {} : { origin }), "content-type": FORM },
    ...(method === "POST" ? { payload: "query=up" } : {}),
  });
  const { "access-control-allow-origin": allowed, vary } = answer.headers;
  return { status: answer.statusCode, refused: answer.body.includes("are refused"), allowed, vary };
}

test.each([
  ["a program", undefined],
  ["the page itself", `http://${HOST}`],
])("%s may do everything, and needs no leave", async (_who, origin) => {
  for (const app of [closed, open]) {
    for (const what of [READ, READ_BY_FORM, CHANGE]) {
      expect(await ask(app, what, origin)).toMatchObject({ refused: false, allowed: undefined });
    }
  }
});

test("without the setting another origin is told nothing, and may post nothing", async () => {
  const origin = "https://a.example";
  expect(await ask(closed, READ, origin)).toMatchObject({ status: 200, allowed: undefined });
  expect(await ask(closed, ["OPTIONS", READ[1]], origin)).toMatchObject({ status: 204, allowed: undefined });
  for (const what of [READ_BY_FORM, CHANGE]) {
    expect(await ask(closed, what, origin)).toMatchObject({ status: 400, refused: true });
  }
});

test("an origin that the setting names may read, by GET and by form, and change nothing", async () => {
  const origin = "https://b.example";
  for (const what of [READ, READ_BY_FORM]) {
    expect(await ask(open, what, origin)).toMatchObject({ status: 200, allowed: origin, vary: "Origin" });
  }
  expect(await ask(open, ["OPTIONS", READ[1]], origin)).toMatchObject({ status: 204, allowed: origin });
  expect(await ask(open, CHANGE, origin)).toMatchObject({ status: 400, refused: true, allowed: undefined });
});

test.each(["https://c.example", "https://a.example.evil", "xhttps://a.example", "null", ""])(
  "the setting does not name %j",
  async (origin) => {
    expect(await ask(open, READ, origin)).toMatchObject({ allowed: undefined });
    expect(await ask(open, READ_BY_FORM, origin)).toMatchObject({ refused: true });
  },
);

test("a pattern that RE2 refuses is refused", async () => {
  await expect(buildTestApp({ origins: { allowed: "(" } })).rejects.toThrow(/regexp/);
});
