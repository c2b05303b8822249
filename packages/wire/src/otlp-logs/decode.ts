/**
 * From OTLP's log records to streams, as Loki maps them: a few resource attributes are the stream's labels,
 * all others, and those of scope and record, are structured metadata. Dots become underscores.
 */
import { Labels } from "@binnacle/model";
import type { LogPush } from "../loki/push.ts";
import { PushErrors } from "../loki/push.ts";
import { StreamGatherer } from "../loki/stream-gatherer.ts";
import { anyValueText, type Attribute } from "../otlp/common.ts";
import type { OtlpEncoding } from "../otlp/answer.ts";
import { logsFromJson } from "./json.ts";
import type { OtlpLogRecord } from "./logs.ts";
import { logsFromProtobuf } from "./protobuf.ts";

/** Resource attributes that are labels of streams: Loki's own list. */
const LABEL_ATTRIBUTES: ReadonlySet<string> = new Set([
  "cloud.availability_zone",
  "cloud.region",
  "container.name",
  "deployment.environment",
  "deployment.environment.name",
  "k8s.cluster.name",
  "k8s.container.name",
  "k8s.cronjob.name",
  "k8s.daemonset.name",
  "k8s.deployment.name",
  "k8s.job.name",
  "k8s.namespace.name",
  "k8s.pod.name",
  "k8s.replicaset.name",
  "k8s.statefulset.name",
  "service.instance.id",
  "service.name",
  "service.namespace",
]);

/** Throws BAD_BODY for what cannot be read. `nowNs` is the time of records that have none. */
export function decodeOtlpLogs(body: Uint8Array, encoding: OtlpEncoding, nowNs: bigint): LogPush {
  const resources = encoding === "json" ? logsFromJson(body) : logsFromProtobuf(body);
  const gatherer = new StreamGatherer();
  for (const { resource, scopes } of resources) {
    const labels = labelsOf(resource.attributes);
    const ofResource = pairsOf(resource.attributes.filter(({ key }) => !LABEL_ATTRIBUTES.has(key)));
    for (const { scope, records } of scopes) {
      const ofScope = pairsOf(scope.attributes);
      if (scope.name !== "") ofScope.push("scope_name", scope.name);
      if (scope.version !== "") ofScope.push("scope_version", scope.version);
      for (const record of records) {
        const timeNs = record.timeNs || record.observedNs || nowNs;
        const line = Buffer.from(anyValueText(record.body), "utf8");
        gatherer.add(labels, timeNs, line, lastOfEach([...ofResource, ...ofScope, ...metadataOf(record)]));
      }
    }
  }
  return gatherer.toPush(new PushErrors());
}

/** A stream needs a label: one whose resource says nothing gets the name that Loki gives it. */
function labelsOf(attributes: readonly Attribute[]): Labels {
  const pairs = attributes
    .filter(({ key }) => LABEL_ATTRIBUTES.has(key))
    .map(({ key, value }) => [nameOf(key), anyValueText(value)] as const);
  const labels = Labels.from(pairs);
  return labels.has("service_name") ? labels : labels.with({ service_name: "unknown_service" });
}

function metadataOf(record: OtlpLogRecord): string[] {
  const pairs = pairsOf(record.attributes);
  const add = (name: string, value: string): void => {
    if (value !== "") pairs.push(name, value);
  };
  if (record.severityNumber > 0) add("severity_number", String(record.severityNumber));
  add("severity_text", record.severityText);
  add("trace_id", Buffer.from(record.traceId).toString("hex"));
  add("span_id", Buffer.from(record.spanId).toString("hex"));
  add("event_name", record.eventName);
  if (record.observedNs !== 0n) add("observed_timestamp", String(record.observedNs));
  return pairs;
}

function pairsOf(attributes: readonly Attribute[]): string[] {
  return attributes.flatMap(({ key, value }) => {
    const text = anyValueText(value);
    return text === "" || key === "" ? [] : [nameOf(key), text];
  });
}

/** Of a name that stands more than once, what is nearer to the record counts. */
function lastOfEach(pairs: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) byName.set(pairs[i]!, pairs[i + 1]!);
  return [...byName].flat();
}

function nameOf(key: string): string {
  const name = key.replaceAll(/[^a-zA-Z0-9_]/g, "_");
  return /^\d/.test(name) ? `key_${name}` : name;
}
