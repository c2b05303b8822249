/** Where samples and lines are pushed: remote write, Loki's push, OTLP. */
import * as api from "@binnacle/api";
import type { FastifyInstance } from "fastify";
import type { LokiPushReceiver } from "../ingest/loki-push.ts";
import type { OtlpMetricsReceiver } from "../ingest/otlp-metrics.ts";
import type { RemoteWriteReceiver } from "../ingest/remote-write.ts";
import { answerPush } from "./answer-push.ts";
import { acceptBytes, bodyOf, bytesOf } from "./bytes-body.ts";
import { answerOtlp } from "./otlp-answer.ts";
import { addPushRoutes, type PushRoutesOptions } from "./push-routes.ts";
import { addWriteRoute } from "./write-route.ts";

export interface IngestRoutesOptions extends PushRoutesOptions {
  readonly metrics: () => RemoteWriteReceiver;
  readonly logs: () => LokiPushReceiver;
  readonly otlpMetrics: () => OtlpMetricsReceiver;
}

export function addIngestRoutes(app: FastifyInstance, options: IngestRoutesOptions): void {
  const { metrics, logs, otlpMetrics } = options;
  addPushRoutes(app, options);
  void app.register((scope, _options, done) => {
    acceptBytes(scope);

    addWriteRoute(scope, metrics);
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
