/**
 * Where others' texts are pushed: InfluxDB's lines, VictoriaMetrics' imports (JSON lines, CSV, Prometheus's
 * text) and what a Pushgateway takes. Bad lines are named in a 400, the others are kept.
 */
import { BinnacleError, METRIC_NAME } from "@binnacle/model";
import {
  decodeCsv,
  decodeExpositionLines,
  decodeInflux,
  decodeJsonSeries,
  INFLUX_PRECISIONS,
  type MetricPush,
  parseCsvFormat,
  type PushTextOptions,
} from "@binnacle/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { decompress } from "../ingest/decompress.ts";
import type { MetricAppender } from "../ingest/metric-appender.ts";
import { answerPush } from "./answer-push.ts";
import { acceptBytes, bytesOf } from "./bytes-body.ts";
import { groupingLabels } from "./grouping-labels.ts";

export interface PushRoutesOptions {
  readonly pushes: () => MetricAppender;
  readonly nowMs: () => number;
}

type Query = Readonly<Record<string, string | string[] | undefined>>;
type Decode = (body: Uint8Array, query: Query, options: PushTextOptions) => MetricPush;

const ROUTES: readonly { readonly path: string; readonly decode: Decode }[] = [
  ...["/write", "/api/v2/write", "/influx/write", "/influx/api/v2/write"].map((path) => ({
    path,
    decode: influx,
  })),
  { path: "/api/v1/import", decode: (body, _query, options) => decodeJsonSeries(body, options) },
  { path: "/api/v1/import/csv", decode: csv },
  { path: "/api/v1/import/prometheus", decode: exposition },
];
/** As a Pushgateway has it, and as VictoriaMetrics has it. */
const GROUPED = ["/metrics/job", "/metrics/job@base64", "/api/v1/import/prometheus/metrics/job"];

export function addPushRoutes(app: FastifyInstance, { pushes, nowMs }: PushRoutesOptions): void {
  const decodeRequest = async (
    request: FastifyRequest,
    decode: Decode,
    labels: readonly (readonly [string, string])[],
  ): Promise<MetricPush> => {
    const body = await decompress(bytesOf(request.body), request.headers["content-encoding"]);
    const query = request.query as Query;
    const options = { nowMs: timestampOf(query) ?? nowMs(), extraLabels: [...extraLabels(query), ...labels] };
    return decode(body, query, options);
  };
  void app.register((scope, _options, done) => {
    acceptBytes(scope);
    for (const { path, decode } of ROUTES) {
      scope.post(path, async (request, reply) =>
        answerPush(reply, await pushes().appendPush(await decodeRequest(request, decode, []))),
      );
    }
    for (const path of GROUPED) {
      scope.route({
        method: ["POST", "PUT"],
        url: `${path}/*`,
        handler: async (request, reply) => {
          const rest = (request.params as { "*": string })["*"];
          const labels = groupingLabels(`${path.endsWith("@base64") ? "job@base64" : "job"}/${rest}`);
          const push = await decodeRequest(request, exposition, labels);
          // Clients of a Pushgateway take nothing but 200 for success.
          return answerPush(reply, await pushes().appendPush(push), 200);
        },
      });
    }
    done();
  });
}

function influx(body: Uint8Array, query: Query, options: PushTextOptions): MetricPush {
  const precision = first(query["precision"]);
  if (precision !== undefined && precision !== "" && !INFLUX_PRECISIONS.includes(precision)) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      `invalid parameter "precision": ${JSON.stringify(precision)} is none of ${INFLUX_PRECISIONS.join(", ")}`,
    );
  }
  const database = first(query["db"]) ?? "";
  return decodeInflux(body, {
    ...options,
    precision: precision === "" ? undefined : precision,
    extraLabels: database === "" ? options.extraLabels : [["db", database], ...options.extraLabels],
  });
}

function csv(body: Uint8Array, query: Query, options: PushTextOptions): MetricPush {
  const format = first(query["format"]);
  if (format === undefined) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      'invalid parameter "format": it is required, for example 1:metric:ask',
    );
  }
  return decodeCsv(body, parseCsvFormat(format), options);
}

function exposition(body: Uint8Array, _query: Query, options: PushTextOptions): MetricPush {
  return decodeExpositionLines(body, options);
}

/** `extra_label=name=value`, as often as wanted. */
function extraLabels(query: Query): [string, string][] {
  const given = query["extra_label"];
  const texts = given === undefined ? [] : Array.isArray(given) ? given : [given];
  return texts.map((text) => {
    const equals = text.indexOf("=");
    const name = text.slice(0, Math.max(0, equals));
    if (name === "" || name === METRIC_NAME) {
      throw new BinnacleError(
        "BAD_PARAMETER",
        `invalid parameter "extra_label": ${JSON.stringify(text)} is not NAME=VALUE`,
      );
    }
    return [name, text.slice(equals + 1)];
  });
}

/** The time of samples that bring none, Unix ms. */
function timestampOf(query: Query): number | undefined {
  const text = first(query["timestamp"]);
  if (text === undefined) return undefined;
  const ms = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(ms)) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      `invalid parameter "timestamp": ${JSON.stringify(text)} is not a whole number of Unix milliseconds`,
    );
  }
  return ms;
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
