/**
 * Remote write: the one route that is asked thousands of times a second, so it is answered before the
 * framework sees the request. With 640 samples a request that takes about a tenth of its price away.
 *
 * What a browser might send (an Origin, a query) takes the long way, where the same route stands.
 */
import http from "node:http";
import * as api from "@binnacle/api";
import { BinnacleError, type Logger } from "@binnacle/model";
import type { FastifyInstance, FastifyServerFactory } from "fastify";
import type { RemoteWriteReceiver } from "../ingest/remote-write.ts";
import { BODY_BYTES_MAX } from "../limits.ts";
import { pushAnswer } from "./answer-push.ts";
import { sendAnswer, type Answer } from "./answer.ts";
import { bodyOf } from "./bytes-body.ts";
import { failureAnswer } from "./replies.ts";

export interface WriteRouteOptions {
  readonly receiver: () => RemoteWriteReceiver;
  readonly logger: Logger;
}

export function addWriteRoute(scope: FastifyInstance, receiver: () => RemoteWriteReceiver): void {
  scope.post(api.remoteWrite.path, async (request, reply) =>
    sendAnswer(reply, await write(receiver, bodyOf(request.body), request.headers)),
  );
}

/** Makes fastify's server one that answers remote write by itself. */
export function writeServerFactory(options: WriteRouteOptions): FastifyServerFactory {
  return (handler, settings) => {
    const server = http.createServer((request, response) => {
      const isWrite = request.url === api.remoteWrite.path && request.method === "POST";
      if (isWrite && request.headers.origin === undefined) takeWrite(request, response, options);
      else handler(request, response);
    });
    // Fastify gives these to servers of its own making only.
    const { keepAliveTimeout = 0, requestTimeout = 0, connectionTimeout = 0 } = settings as TimeSettings;
    server.keepAliveTimeout = keepAliveTimeout;
    server.requestTimeout = requestTimeout;
    server.setTimeout(connectionTimeout);
    return server;
  };
}

interface TimeSettings {
  readonly keepAliveTimeout?: number;
  readonly requestTimeout?: number;
  readonly connectionTimeout?: number;
}

async function write(
  receiver: () => RemoteWriteReceiver,
  body: Uint8Array,
  headers: http.IncomingHttpHeaders,
): Promise<Answer> {
  const summary = await receiver().receive(body, headers);
  return pushAnswer(summary, {
    headers: [
      "x-prometheus-remote-write-samples-written",
      String(summary.samples),
      "x-prometheus-remote-write-histograms-written",
      String(summary.histograms),
      "x-prometheus-remote-write-exemplars-written",
      String(summary.exemplars),
    ],
  });
}

/** A request that is cut short is never answered: its sender is gone. */
function takeWrite(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  options: WriteRouteOptions,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const refuseTooLong = (): void => {
    request.off("data", onData).off("end", onEnd);
    const message = `the body is over ${BODY_BYTES_MAX} bytes (BODY_BYTES_MAX)`;
    const { status, headers, body } = failureAnswer(new BinnacleError("BODY_TOO_LARGE", message), "");
    // The rest of it is not read.
    answer(response, { status, headers: [...headers, "connection", "close"], body });
  };
  const onData = (chunk: Buffer): void => {
    length += chunk.length;
    if (length > BODY_BYTES_MAX) refuseTooLong();
    else chunks.push(chunk);
  };
  const onEnd = (): void => {
    void finishWrite(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), request, response, options);
  };
  if (Number(request.headers["content-length"] ?? 0) > BODY_BYTES_MAX) refuseTooLong();
  else request.on("data", onData).on("end", onEnd);
}

async function finishWrite(
  body: Uint8Array,
  { headers, url = "" }: http.IncomingMessage,
  response: http.ServerResponse,
  { receiver, logger }: WriteRouteOptions,
): Promise<void> {
  try {
    answer(response, await write(receiver, bodyOf(body), headers));
  } catch (error) {
    answer(response, failureAnswer(error as Error, url, logger));
  }
}

function answer(response: http.ServerResponse, { status, headers, body }: Answer): void {
  const length = body === "" ? [] : ["content-length", String(Buffer.byteLength(body))];
  response.writeHead(status, [...headers, ...length]).end(body === "" ? undefined : body);
}
