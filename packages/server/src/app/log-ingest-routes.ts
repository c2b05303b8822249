/**
 * Where lines are pushed in other protocols than Loki's own: OTLP, Elasticsearch's bulk requests, JSON
 * lines.
 */
import * as api from "@binnacle/api";
import { SYSTEM_CLOCK } from "@binnacle/model";
import {
  decodeLegacyLokiJson,
  decodeBulk,
  decodeJsonLines,
  decodeOtlpLogs,
  type DocumentOptions,
} from "@binnacle/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { decompress } from "../ingest/decompress.ts";
import type { LokiPushReceiver } from "../ingest/loki-push.ts";
import { otlpEncodingOf } from "../ingest/otlp-metrics.ts";
import { VERSION } from "../self/version.ts";
import { acceptBytes, bodyOf, bytesOf } from "./bytes-body.ts";
import { answerOtlp } from "./otlp-answer.ts";

export interface LogIngestRoutesOptions {
  readonly logs: () => LokiPushReceiver;
}

/** The version that clients of Elasticsearch are told, for they refuse what is much older. */
const ELASTIC_VERSION = "8.15.0";
const ELASTIC_ANSWER = {
  name: "binnacle",
  cluster_name: "binnacle",
  version: { number: ELASTIC_VERSION, build_flavor: "default" },
  tagline: `Binnacle ${VERSION}`,
};
const ELASTIC_SENDERS = /^(?:vector|fluent|logstash|elastic|opensearch|libbeat|go-elasticsearch|rsyslog)/i;

export function addLogIngestRoutes(app: FastifyInstance, { logs }: LogIngestRoutesOptions): void {
  void app.register((scope, _options, done) => {
    acceptBytes(scope);

    scope.post(api.otlpLogs.path, (request, reply) =>
      answerOtlp({ headers: request.headers, reply }, "rejectedLogRecords", async () => {
        const encoding = otlpEncodingOf(request.headers);
        const body = await decompress(bytesOf(request.body), request.headers["content-encoding"]);
        return logs().store(decodeOtlpLogs(body, encoding, nowNs()));
      }),
    );

    // Loki's first API: its protobuf is the one of today.
    scope.post(api.lokiLegacyPush.path, async (request, reply) => {
      const isJson = (request.headers["content-type"] ?? "").startsWith("application/json");
      const { refused, reasons } = isJson
        ? await logs().store(decodeLegacyLokiJson(await unpacked(request)))
        : await logs().receive(bodyOf(request.body), request.headers);
      if (refused === 0) return reply.code(204).send();
      return reply
        .code(400)
        .type("text/plain; charset=utf-8")
        .send(`${reasons.join("\n")}\n`);
    });

    for (const path of [api.elasticBulk.path, ...(api.elasticBulk.aliases ?? [])]) {
      scope.post(path, async (request, reply) => {
        const { index = "elasticsearch" } = request.params as { index?: string };
        const push = decodeBulk(await unpacked(request), documentOptions(request, index));
        const { refused, reasons } = await logs().store(push);
        // Documents that could not be read are named; what the store refused is not told by document.
        const isAllRefused = refused >= push.entryCount + push.errorCount && refused > 0;
        const items = push.items.map(({ action, error }) => {
          const reason = error ?? (isAllRefused ? reasons[0] : undefined);
          return {
            [action]:
              reason === undefined
                ? { status: 201 }
                : { status: 400, error: { type: "document_parsing_exception", reason } },
          };
        });
        return reply
          .header("x-elastic-product", "Elasticsearch")
          .send({ took: 0, errors: refused > 0, items });
      });
    }

    scope.post(api.jsonLines.path, async (request, reply) => {
      const push = decodeJsonLines(await unpacked(request), documentOptions(request, "jsonline"));
      const { refused, reasons } = await logs().store(push);
      if (refused === 0) return reply.code(204).send();
      return reply
        .code(400)
        .type("text/plain; charset=utf-8")
        .send(`${reasons.join("\n")}\n`);
    });
    done();
  });

  // What senders ask before they send. The page stands at the same place, so they are known by their names.
  app.addHook("onRequest", async (request, reply) => {
    const isProbe = request.url === "/" && (request.method === "GET" || request.method === "HEAD");
    if (isProbe && ELASTIC_SENDERS.test(request.headers["user-agent"] ?? "")) {
      await reply.header("x-elastic-product", "Elasticsearch").send(ELASTIC_ANSWER);
    }
  });
  app.get(api.elasticHealth.path, () => ({ status: "green", cluster_name: "binnacle" }));
  app.get(api.elasticVersion.path, (_request, reply) =>
    reply.header("x-elastic-product", "Elasticsearch").send(ELASTIC_ANSWER),
  );
}

function nowNs(): bigint {
  return BigInt(SYSTEM_CLOCK.nowMs()) * 1_000_000n;
}

function unpacked(request: FastifyRequest): Promise<Uint8Array> {
  return decompress(bodyOf(request.body), request.headers["content-encoding"]);
}

/** VictoriaLogs' names of these parameters, which senders have settings for. */
function documentOptions(request: FastifyRequest, job: string): DocumentOptions {
  const params = request.query as {
    readonly _stream_fields?: string;
    readonly _time_field?: string;
    readonly _msg_field?: string;
  };
  return {
    streamFields: (params._stream_fields ?? "").split(",").filter((name) => name !== ""),
    timeField: params._time_field,
    lineField: params._msg_field,
    job,
    nowNs: nowNs(),
  };
}
