/** Turns errors into Prometheus's envelope, and into Loki's plain text where a client expects that. */
import { BinnacleError, type Logger } from "@binnacle/model";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { sendAnswer, type Answer } from "./answer.ts";
import { NO_EXPRESSION } from "./prometheus-words.ts";

/** Seconds a client should wait after a 429 or 503. */
export const RETRY_AFTER_S = 1;

/**
 * What went wrong, as one of our errors: fastify's own (a body too large, a type unknown) have codes of ours.
 */
export function toBinnacleError(error: FastifyError | Error, url: string): BinnacleError {
  if (error instanceof BinnacleError) return error;
  const status = "statusCode" in error ? error.statusCode : undefined;
  if ("validation" in error && error.validation !== undefined) return describeValidation(error, url);
  if (status === 413) return new BinnacleError("BODY_TOO_LARGE", error.message, { cause: error });
  if (status === 415) return new BinnacleError("UNSUPPORTED_MEDIA", error.message, { cause: error });
  if (status !== undefined && status >= 400 && status < 500) {
    return new BinnacleError("BAD_BODY", error.message, { cause: error });
  }
  return new BinnacleError("INTERNAL", "internal error: the log has the details", { cause: error });
}

/** What Prometheus says of required parameters that are not there: it reads them as empty texts. */
const MISSING: Readonly<Record<string, string>> = {
  query: NO_EXPRESSION,
  start: 'cannot parse "" to a valid timestamp',
  end: 'cannot parse "" to a valid timestamp',
  step: 'cannot parse "" to a valid duration',
};

function describeValidation(error: FastifyError, url: string): BinnacleError {
  const parts = (error.validation ?? []).map(({ instancePath, message, params }) => {
    const missing = (params as { missingProperty?: string }).missingProperty;
    if (missing === "match[]") return "no match[] parameter provided";
    if (missing !== undefined) {
      const reason = url.startsWith("/api/v1/") ? MISSING[missing] : undefined;
      return `invalid parameter "${missing}": ${reason ?? "it is required"}`;
    }
    return `invalid parameter "${instancePath.slice(1)}": ${message ?? "not valid"}`;
  });
  return new BinnacleError("BAD_PARAMETER", parts.join("; "));
}

/** How a request is answered that failed with `error`; a mistake of ours is logged with the route's path. */
export function failureAnswer(error: FastifyError | Error, url: string, logger?: Logger, path = url): Answer {
  const { status, type, message } = failureOf(error, url, logger, path);
  const isBusy = status === 429 || status === 503;
  const headers = isBusy ? ["retry-after", String(RETRY_AFTER_S)] : [];
  if (/^\/(?:loki\/|federate|api\/v1\/read\b)/.test(url)) {
    return {
      status,
      headers: [...headers, "content-type", "text/plain; charset=utf-8"],
      body: `${message}\n`,
    };
  }
  return {
    status,
    headers: [...headers, "content-type", "application/json"],
    body: JSON.stringify({ status: "error", errorType: type, error: message }),
  };
}

function failureOf(
  error: FastifyError | Error,
  url: string,
  logger: Logger | undefined,
  path: string,
): BinnacleError {
  const known = toBinnacleError(error, url);
  if (known.status === 500) logger?.error({ err: error.stack ?? String(error), path }, "a request failed");
  return known;
}

export function sendError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
): void {
  const answer = failureAnswer(error, request.url, logger, request.routeOptions.url);
  if (answer.status === 413) readToTheEnd(request, reply);
  sendAnswer(reply, answer);
}

/**
 * A connection that is closed while its client still sends is reset, and the answer lost on the way: the
 * client would take it for a failure of the network and send the same again. So the rest is read and thrown
 * away.
 */
function readToTheEnd(request: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader("connection");
  request.raw.resume();
}
