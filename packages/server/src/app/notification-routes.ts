/** What an operator should know: all of it at once, or as server-sent events while it changes. */
import * as api from "@binnacle/api";
import type { FastifyInstance } from "fastify";
import type { Notices } from "../life/notices.ts";
import { NOTIFICATION_STREAMS_MAX } from "../limits.ts";
import { defineHandler, success } from "./define.ts";

/** How often a comment is sent down a stream, ms: proxies end those that are silent. */
const KEEP_ALIVE_MS = 15_000;

export function addNotificationRoutes(app: FastifyInstance, notices: Notices): void {
  defineHandler(app, api.notifications, () => success(notices.active));

  defineHandler(app, api.liveNotifications, (_params, request, reply) => {
    // A HEAD has no body that could be streamed.
    if (request.method === "HEAD") return reply.type("text/event-stream").send();
    if (notices.listenerCount >= NOTIFICATION_STREAMS_MAX) return reply.code(204).send();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    raw.flushHeaders();
    const send = (notice: api.Notification): void => {
      raw.write(`data: ${JSON.stringify(notice)}\n\n`);
    };
    for (const notice of notices.active) send(notice);
    const unsubscribe = notices.subscribe(send);
    const keepAlive = setInterval(() => raw.write(": still here\n\n"), KEEP_ALIVE_MS);
    raw.once("close", () => {
      clearInterval(keepAlive);
      unsubscribe();
    });
    return reply;
  });
}
