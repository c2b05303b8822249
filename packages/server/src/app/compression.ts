/**
 * Compresses large answers in zlib's own threads, so that the main thread never waits. Streams (the page's
 * files, server-sent events) pass as they are.
 */
import { promisify } from "node:util";
import zlib from "node:zlib";
import type { FastifyInstance } from "fastify";
import { COMPRESSED_BYTES_MIN } from "../limits.ts";
import { chooseEncoding } from "./negotiate.ts";

const deflate = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.deflate);
const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
const zstd = promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdCompress);

/** The fastest levels: JSON of samples shrinks to a tenth by them, and a query's time counts for more. */
const FAST = { level: 1 };
const FAST_ZSTD = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };

/** In the order in which they are preferred: zstd is both the smallest and the quickest. */
const ENCODERS = {
  zstd: (body: Uint8Array) => zstd(body, FAST_ZSTD),
  gzip: (body: Uint8Array) => gzip(body, FAST),
  deflate: (body: Uint8Array) => deflate(body, FAST),
} as const;
const ENCODINGS = Object.keys(ENCODERS) as (keyof typeof ENCODERS)[];

/** Already as small as it gets: chunks and messages that are compressed by their own format. */
const INCOMPRESSIBLE = /protobuf|octet-stream|font|image\/(?!svg)/;

export function compressAnswers(app: FastifyInstance): void {
  app.addHook("onSend", async (request, reply, payload) => {
    // Prometheus names no charset: JSON has but one.
    const isPlainJson = reply.getHeader("content-type") === "application/json; charset=utf-8";
    if (isPlainJson && request.url.startsWith("/api/v1/"))
      void reply.header("content-type", "application/json");
    const body = typeof payload === "string" ? Buffer.from(payload) : payload;
    if (!(body instanceof Uint8Array) || body.length < COMPRESSED_BYTES_MIN) return payload;
    if (reply.hasHeader("content-encoding") || request.method === "HEAD") return payload;
    if (INCOMPRESSIBLE.test(String(reply.getHeader("content-type") ?? ""))) return payload;
    addVary(reply.getHeader("vary"), (value) => void reply.header("vary", value));
    const encoding = chooseEncoding(request.headers["accept-encoding"], ENCODINGS);
    if (encoding === undefined) return payload;
    void reply.header("content-encoding", encoding).removeHeader("content-length");
    return ENCODERS[encoding](body);
  });
}

function addVary(present: unknown, set: (value: string) => void): void {
  set(typeof present === "string" && present !== "" ? `${present}, Accept-Encoding` : "Accept-Encoding");
}
