/** Where samples and lines are pushed: remote write and Loki's push. */
import * as api from "@binnacle/api";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { LokiPushReceiver } from "../ingest/loki-push.ts";
import type { PushSummary } from "../ingest/push-summary.ts";
import type { RemoteWriteReceiver } from "../ingest/remote-write.ts";
import { acceptBytes, bodyOf } from "./bytes-body.ts";

export interface IngestRoutesOptions {
  readonly metrics: () => RemoteWriteReceiver;
  readonly logs: () => LokiPushReceiver;
}

export function addIngestRoutes(app: FastifyInstance, { metrics, logs }: IngestRoutesOptions): void {
  void app.register((scope, _options, done) => {
    acceptBytes(scope);

    scope.post(api.remoteWrite.path, async (request, reply) => {
      const summary = await metrics().receive(bodyOf(request.body), request.headers);
      void reply.headers({
        "x-prometheus-remote-write-samples-written": summary.samples,
        "x-prometheus-remote-write-histograms-written": summary.histograms,
        "x-prometheus-remote-write-exemplars-written": summary.exemplars,
      });
      return answerPush(reply, summary);
    });

    scope.post(api.lokiPush.path, async (request, reply) =>
      answerPush(reply, await logs().receive(bodyOf(request.body), request.headers)),
    );
    done();
  });
}

/**
 * 204 when all was taken; else 400 with the first reasons: what was good is kept, and the sender must not
 * retry.
 */
function answerPush(reply: FastifyReply, { refused, reasons }: PushSummary): FastifyReply {
  if (refused === 0) return reply.code(204).send();
  // A forwarder of ours sees by it that the rest was kept, and does not send that again.
  void reply.header("x-binnacle-rejected", refused);
  const more = refused > reasons.length ? `and ${refused - reasons.length} more\n` : "";
  return reply
    .code(400)
    .type("text/plain; charset=utf-8")
    .send(`${reasons.join("\n")}\n${more}`);
}
