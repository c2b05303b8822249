/** Where samples and lines are pushed: remote write, Loki's push, OTLP. */
import * as api from "@binnacle/api";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { LokiPushReceiver } from "../ingest/loki-push.ts";
import type { OtlpMetricsReceiver } from "../ingest/otlp-metrics.ts";
import type { PushSummary } from "../ingest/push-summary.ts";
import type { RemoteWriteReceiver } from "../ingest/remote-write.ts";
import { acceptBytes, bodyOf, bytesOf } from "./bytes-body.ts";
import { answerOtlp } from "./otlp-answer.ts";

export interface IngestRoutesOptions {
  readonly metrics: () => RemoteWriteReceiver;
  readonly logs: () => LokiPushReceiver;
  readonly otlpMetrics: () => OtlpMetricsReceiver;
}

export function addIngestRoutes(app: FastifyInstance, options: IngestRoutesOptions): void {
  const { metrics, logs, otlpMetrics } = options;
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
    scope.post(api.otlpMetrics.path, (request, reply) =>
      answerOtlp({ headers: request.headers, reply }, "rejectedDataPoints", () =>
        otlpMetrics().receive(bytesOf(request.body), request.headers),
      ),
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
