/**
 * JSON documents that are log lines, as Fluent Bit, Vector and Filebeat send them: which of their fields
 * are the line, its time and its labels. The rest is structured metadata.
 */
import { Labels } from "@binnacle/model";

export interface DocumentOptions {
  /** Fields that make the stream; empty: those of STREAM_FIELDS that the document has. */
  readonly streamFields: readonly string[];
  /** The field of the time; undefined: the first of TIME_FIELDS. */
  readonly timeField: string | undefined;
  /** The field of the line; undefined: the first of LINE_FIELDS. */
  readonly lineField: string | undefined;
  /** A label that every stream has. */
  readonly job: string;
  /** The time of documents that have none. */
  readonly nowNs: bigint;
}

const TIME_FIELDS = ["@timestamp", "timestamp", "_time", "time", "ts", "date"];
const LINE_FIELDS = ["message", "_msg", "msg", "log"];
/** Name in the document, with dots between nested names, and the label it becomes. */
const STREAM_FIELDS: readonly (readonly [string, string])[] = [
  ["kubernetes.namespace_name", "namespace"],
  ["kubernetes.namespace", "namespace"],
  ["kubernetes.pod_name", "pod"],
  ["kubernetes.pod.name", "pod"],
  ["kubernetes.container_name", "container"],
  ["kubernetes.container.name", "container"],
  ["service.name", "service_name"],
  ["service", "service"],
  ["app", "app"],
  ["host.name", "host"],
  ["hostname", "host"],
  ["host", "host"],
];
const DEPTH_MAX = 20;

export interface LogDocument {
  readonly labels: Labels;
  readonly timeNs: bigint;
  readonly line: string;
  readonly metadata: readonly string[];
}

/** The document as a line, or what is wrong with it. */
export function readDocument(text: string, options: DocumentOptions): LogDocument | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `it is not JSON: ${(error as Error).message}`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "expected a JSON object";
  const fields = new Map<string, string>();
  flatten(value as Record<string, unknown>, "", fields, 0);

  const timeField = options.timeField ?? TIME_FIELDS.find((name) => fields.has(name));
  const timeText = timeField === undefined ? undefined : fields.get(timeField);
  const timeNs = timeText === undefined ? options.nowNs : readTimeNs(timeText);
  if (timeNs === undefined)
    return `${timeField} is ${JSON.stringify(timeText!.slice(0, 60))}, which is no time`;

  const labels: Record<string, string> = { job: options.job };
  const streamFields =
    options.streamFields.length > 0
      ? options.streamFields.map((name) => [name, labelNameOf(name)] as const)
      : STREAM_FIELDS;
  const taken = new Set<string>();
  for (const [field, label] of streamFields) {
    const found = fields.get(field);
    if (found === undefined || (labels[label] !== undefined && label !== "job")) continue;
    labels[label] = found;
    taken.add(field);
  }
  const lineField = options.lineField ?? LINE_FIELDS.find((name) => fields.has(name));
  const line = lineField === undefined ? undefined : fields.get(lineField);
  // A document without a line of its own is one as it stands: nothing of it needs to be metadata.
  if (line === undefined) return { labels: Labels.fromObject(labels), timeNs, line: text, metadata: [] };
  const metadata: string[] = [];
  for (const [field, found] of fields) {
    const isUsed = field === lineField || field === timeField || taken.has(field);
    if (!isUsed && found !== "") metadata.push(labelNameOf(field), found);
  }
  return { labels: Labels.fromObject(labels), timeNs, line, metadata };
}

function flatten(
  object: Readonly<Record<string, unknown>>,
  prefix: string,
  fields: Map<string, string>,
  depth: number,
): void {
  for (const [key, value] of Object.entries(object)) {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    if (value === null || value === undefined) continue;
    if (typeof value === "object" && !Array.isArray(value) && depth < DEPTH_MAX) {
      flatten(value as Record<string, unknown>, name, fields, depth + 1);
    } else {
      fields.set(name, typeof value === "string" ? value : JSON.stringify(value));
    }
  }
}

function labelNameOf(field: string): string {
  const name = field.replaceAll(/[^a-zA-Z0-9_]/g, "_");
  return /^\d/.test(name) ? `_${name}` : name;
}

/** RFC 3339, or Unix seconds, ms, µs or ns, told apart by their size. */
function readTimeNs(text: string): bigint | undefined {
  if (/^\d+$/.test(text)) {
    if (text.length > 19) return undefined;
    const factor =
      text.length > 16 ? 1n : text.length > 14 ? 1000n : text.length > 11 ? 1_000_000n : 1_000_000_000n;
    return BigInt(text) * factor;
  }
  if (/^\d+\.\d+(?:[eE]\+?\d+)?$/.test(text)) return BigInt(Math.round(Number(text) * 1e6)) * 1000n;
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  if (match === null) return undefined;
  const [, date, time, fraction = "", zone = "Z"] = match;
  const ms = Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
