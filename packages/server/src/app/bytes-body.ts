/**
 * Bodies that the wire package decodes, which knows their limits: here they stay bytes, whatever their type.
 */
import { BinnacleError } from "@binnacle/model";
import type { FastifyInstance } from "fastify";
import { BODY_BYTES_MAX } from "../limits.ts";

export function acceptBytes(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    "*",
    { parseAs: "buffer", bodyLimit: BODY_BYTES_MAX },
    (_request, body, next) => {
      next(null, body);
    },
  );
}

/** Throws BAD_BODY where there is none. */
export function bodyOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array && body.length > 0) return body;
  throw new BinnacleError("BAD_BODY", "the request has no body");
}

/** The body, which may be empty: a message of which all is left out is one. */
export function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array(0);
}
