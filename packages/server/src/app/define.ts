/** Registers a route of the API's contract: its methods, its path, its parameters' schema. */
import type { ParamsOf, Route } from "@binnacle/api";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

export type Handler<R extends Route> = (
  params: ParamsOf<R>,
  request: FastifyRequest,
  reply: FastifyReply,
) => unknown;

/** The handler gets validated parameters; what it returns (or a promise of it) is the answer. */
export function defineHandler<R extends Route>(app: FastifyInstance, route: R, handler: Handler<R>): void {
  for (const url of [route.path, ...(route.aliases ?? [])]) {
    app.route({
      method: [...route.methods],
      url,
      schema: { querystring: route.params },
      handler: (request, reply) => handler(withoutEmpty(request.query as ParamsOf<R>), request, reply),
    });
  }
}

/** An empty text is as good as none, as in Go's forms; but a query that is empty is a mistake of its own. */
function withoutEmpty<P>(params: P): P {
  const entries = Object.entries(params as Record<string, unknown>);
  if (entries.every(([name, value]) => value !== "" || name === "query")) return params;
  return Object.fromEntries(entries.filter(([name, value]) => value !== "" || name === "query")) as P;
}

/** Prometheus's envelope around data. */
export function success<T>(data: T): { status: "success"; data: T } {
  return { status: "success", data };
}

/** The same bytes, as what fastify sends. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

/** Sends bytes of JSON that a worker wrote. */
export function sendJsonBytes(reply: FastifyReply, bytes: unknown): FastifyReply {
  return reply.type("application/json").send(asBuffer(bytes as Uint8Array));
}
