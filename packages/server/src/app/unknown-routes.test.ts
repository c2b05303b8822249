import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildTestApp } from "./test-app.ts";

let app: FastifyInstance;
beforeAll(async () => {
  app = await buildTestApp();
});
afterAll(() => app.close());

test.each([
  ["PUT", "/api/v1/query?query=up", 405, "GET, OPTIONS, POST"],
  ["GET", "/api/v1/write", 405, "OPTIONS, POST"],
  ["POST", "/api/v1/targets", 405, "GET, OPTIONS"],
  ["POST", "/api/v1/label/job/values", 405, "GET, OPTIONS"],
  ["GET", "/api/v1/nothing", 404, undefined],
  ["POST", "/nothing/at/all", 404, undefined],
] as const)("%s %s is answered with %d", async (method, url, status, allow) => {
  const answer = await app.inject({ method, url });
  expect([answer.statusCode, answer.headers.allow]).toEqual([status, allow]);
  expect(answer.body).toBe(status === 405 ? "Method Not Allowed\n" : "404 page not found\n");
});
