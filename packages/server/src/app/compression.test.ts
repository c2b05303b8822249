import { gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COMPRESSED_BYTES_MIN } from "../limits.ts";
import { buildTestApp } from "./test-app.ts";

let app: FastifyInstance;
const LARGE = "up".repeat(COMPRESSED_BYTES_MIN);
beforeAll(async () => {
  app = await buildTestApp();
  app.get("/large", () => ({ text: LARGE }));
  app.get("/edge/:bytes", (request, reply) =>
    reply.type("text/plain").send("x".repeat(Number((request.params as { bytes: string }).bytes))),
  );
  app.get("/packed", (_request, reply) => reply.type("application/x-protobuf").send(Buffer.from(LARGE)));
});
afterAll(() => app.close());

const ask = (url: string, accept: string) => app.inject({ url, headers: { "accept-encoding": accept } });

test.each([
  ["zstd", zstdDecompressSync],
  ["gzip", gunzipSync],
  ["deflate", inflateSync],
] as const)("a large answer is sent as %s where that is asked for", async (encoding, decompress) => {
  const { headers, rawPayload } = await ask("/large", encoding);
  expect(headers).toMatchObject({ "content-encoding": encoding, vary: "Accept-Encoding" });
  expect(Number(headers["content-length"])).toBe(rawPayload.length);
  expect(rawPayload.length).toBeLessThan(LARGE.length / 10);
  expect(JSON.parse(decompress(rawPayload).toString())).toEqual({ text: LARGE });
});

test.each([
  ["a client that asks for nothing", "/large", ""],
  ["a client that wants it as it is", "/large", "identity"],
  ["an answer just under the size", `/edge/${COMPRESSED_BYTES_MIN - 1}`, "gzip"],
  ["an answer that is packed already", "/packed", "gzip"],
])("%s", async (_what, url, accept) => {
  const { headers, statusCode } = await ask(url, accept);
  expect(statusCode).toBe(200);
  expect(headers["content-encoding"]).toBeUndefined();
});

test("an answer of just the size is compressed", async () => {
  const { headers } = await ask(`/edge/${COMPRESSED_BYTES_MIN}`, "gzip");
  expect(headers["content-encoding"]).toBe("gzip");
});
