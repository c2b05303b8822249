/** Reads ExportLogsServiceRequest from protobuf. */
import { type AnyValue, type Attribute, NO_RESOURCE, NO_SCOPE } from "../otlp/common.ts";
import { readAnyValue, readAttribute, readResource, readScope } from "../otlp/common-protobuf.ts";
import { ProtobufReader } from "../protobuf/reader.ts";
import type { OtlpLogRecord, ResourceLogs, ScopeLogs } from "./logs.ts";

const NO_BYTES = new Uint8Array(0);

/** Throws BAD_BODY with the offset. */
export function logsFromProtobuf(message: Uint8Array): ResourceLogs[] {
  const reader = new ProtobufReader(message);
  const resources: ResourceLogs[] = [];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) resources.push(readResourceLogs(reader));
    else reader.skip();
  }
  return resources;
}

function readResourceLogs(reader: ProtobufReader): ResourceLogs {
  let resource = NO_RESOURCE;
  const scopes: ScopeLogs[] = [];
  const outerEnd = reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) resource = readResource(reader);
    else if (field === 2) scopes.push(readScopeLogs(reader));
    else reader.skip();
  }
  reader.leave(outerEnd);
  return { resource, scopes };
}

function readScopeLogs(reader: ProtobufReader): ScopeLogs {
  let scope = NO_SCOPE;
  const records: OtlpLogRecord[] = [];
  const outerEnd = reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) scope = readScope(reader);
    else if (field === 2) records.push(readRecord(reader));
    else reader.skip();
  }
  reader.leave(outerEnd);
  return { scope, records };
}

function readRecord(reader: ProtobufReader): OtlpLogRecord {
  let timeNs = 0n;
  let observedNs = 0n;
  let severityNumber = 0;
  let severityText = "";
  let body: AnyValue;
  let traceId: Uint8Array = NO_BYTES;
  let spanId: Uint8Array = NO_BYTES;
  let eventName = "";
  const attributes: Attribute[] = [];
  const outerEnd = reader.enter();
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) timeNs = reader.fixed64Exact();
    else if (field === 2) severityNumber = reader.uint32();
    else if (field === 3) severityText = reader.string();
    else if (field === 5) body = readAnyValue(reader);
    else if (field === 6) readAttribute(reader, attributes);
    else if (field === 9) traceId = reader.slice();
    else if (field === 10) spanId = reader.slice();
    else if (field === 11) observedNs = reader.fixed64Exact();
    else if (field === 12) eventName = reader.string();
    else reader.skip();
  }
  reader.leave(outerEnd);
  return { timeNs, observedNs, severityNumber, severityText, body, attributes, traceId, spanId, eventName };
}
