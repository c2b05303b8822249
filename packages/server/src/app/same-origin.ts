/**
 * What pages of other origins may do. Programs send no Origin and are not concerned.
 *
 * - Nothing that changes anything, and no websocket, whatever the settings: a visitor's browser must not be
 *   used to
 *   delete or to reload in the visitor's name.
 * - Reading, where `web.cors.origin` names the origin: the answer carries the headers that let the page see
 *   it.
 *   Without that setting a browser keeps answers from other origins' pages.
 */
import { BinnacleError } from "@binnacle/model";
import { Regexp } from "@binnacle/re2";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

export interface OriginOptions {
  /** An RE2 pattern that an origin must match as a whole; undefined: no foreign origin may read. */
  readonly allowed: string | undefined;
}

/** Throws BAD_REGEXP. */
export function guardOrigins(app: FastifyInstance, { allowed }: OriginOptions): void {
  const pattern = allowed === undefined ? undefined : Regexp.compile(allowed, { anchored: true });
  app.addHook("onRequest", (request, reply, done) => {
    const { origin, host } = request.headers;
    if (pattern !== undefined) void reply.header("vary", "Origin");
    if (origin === undefined || isOwn(origin, host)) {
      done();
      return;
    }
    const mayRead = pattern?.test(origin) ?? false;
    if (mayRead && (isSafe(request) || onlyReads(request))) allowReading(reply, origin);
    else if (!isSafe(request)) {
      done(new BinnacleError("BAD_PARAMETER", `requests from the origin ${origin} are refused`));
      return;
    }
    done();
  });
  app.options("/*", (_request, reply) => reply.code(204).send());
}

function allowReading(reply: FastifyReply, origin: string): void {
  void reply.headers({
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "Accept, Authorization, Content-Type, Origin",
    "access-control-expose-headers": "Date",
  });
}

/** A browser may send it, websockets apart, but shows the answer to nobody it should not. */
function isSafe({ method, headers }: FastifyRequest): boolean {
  return (method === "GET" || method === "HEAD" || method === "OPTIONS") && headers.upgrade === undefined;
}

/** A POST to what answers GET too: its parameters came in a form, and it changes nothing. */
function onlyReads({ method, headers, routeOptions }: FastifyRequest): boolean {
  const methods = [routeOptions.method ?? []].flat();
  return method === "POST" && methods.includes("GET") && headers.upgrade === undefined;
}

function isOwn(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}
