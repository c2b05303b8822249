/** Reads ExportLogsServiceRequest from JSON. */
import {
  anyValueFromJson,
  attributesFromJson,
  JsonNode,
  resourceFromJson,
  scopeFromJson,
} from "../otlp/common-json.ts";
import type { OtlpLogRecord, ResourceLogs, ScopeLogs } from "./logs.ts";

/** Throws BAD_BODY with the path of what is wrong. */
export function logsFromJson(body: Uint8Array): ResourceLogs[] {
  return [...JsonNode.parse(body).children("resourceLogs")].map((node) => ({
    resource: resourceFromJson(node.child("resource")),
    scopes: [...node.children("scopeLogs")].map(toScope),
  }));
}

function toScope(node: JsonNode): ScopeLogs {
  return {
    scope: scopeFromJson(node.child("scope")),
    records: [...node.children("logRecords")].map(toRecord),
  };
}

function toRecord(node: JsonNode): OtlpLogRecord {
  return {
    timeNs: node.wholeExact("timeUnixNano", "uint64"),
    observedNs: node.wholeExact("observedTimeUnixNano", "uint64"),
    severityNumber: node.whole("severityNumber", "int32"),
    severityText: node.text("severityText"),
    body: anyValueFromJson(node.child("body")),
    attributes: attributesFromJson(node, "attributes"),
    traceId: node.hexadecimal("traceId"),
    spanId: node.hexadecimal("spanId"),
    eventName: node.text("eventName"),
  };
}
