/**
 * Refuses what another site's page would do in a visitor's name: a request that changes something, or a
 * websocket, whose Origin is not this server's own. Programs send no Origin and are not concerned.
 */
import { BinnacleError } from "@binnacle/model";
import type { FastifyInstance, FastifyRequest } from "fastify";

export function refuseForeignOrigins(app: FastifyInstance): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const isSafe = request.method === "GET" || request.method === "HEAD" || request.method === "OPTIONS";
    const isSocket = request.headers.upgrade !== undefined;
    if ((isSocket || !isSafe) && isForeign(request)) {
      done(
        new BinnacleError("BAD_PARAMETER", `requests from the origin ${request.headers.origin} are refused`),
      );
    } else done();
  });
}

function isForeign(request: FastifyRequest): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
