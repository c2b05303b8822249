/**
 * Loki's push in JSON: https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs
 *
 *     {"streams": [{"stream": {"app": "x"}, "values": [["1700000000000000000", "line", {"trace_id": "y"}]]}]}
 */
import { BinnacleError, Labels, type LineMetadata, type LogEntries } from "@binnacle/model";
import { pairsProblem } from "../label-checks.ts";
import { checkStreamCount, type LogPush, PushErrors } from "./push.ts";

const TIMESTAMP = /^-?[0-9]{1,19}$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/**
 * Throws BAD_BODY where it is no JSON or has no list of streams; a bad stream or entry is left out and
 * listed.
 */
export function decodeLokiJson(body: Uint8Array): LogPush {
  const push = parseJson(body);
  if (!isObject(push) || !Array.isArray(push["streams"])) {
    throw new BinnacleError(
      "BAD_BODY",
      `expected a JSON object with a list "streams", found ${describe(push)}`,
    );
  }
  checkStreamCount(push["streams"].length);
  const errors = new PushErrors();
  const streams: LogEntries[] = [];
  let entryCount = 0;
  for (const [i, stream] of (push["streams"] as unknown[]).entries()) {
    const entries = readStream(stream, i, errors);
    if (entries === undefined || entries.lines.length === 0) continue;
    streams.push(entries);
    entryCount += entries.lines.length;
  }
  return { streams, entryCount, errors: errors.list, errorCount: errors.count };
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8")) as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BinnacleError("BAD_BODY", `the body is not JSON: ${reason}`, { cause });
  }
}

function readStream(stream: unknown, i: number, errors: PushErrors): LogEntries | undefined {
  if (!isObject(stream)) {
    errors.add(i, -1, `expected an object with "stream" and "values", found ${describe(stream)}`);
    return undefined;
  }
  const labels = readJsonLabels(stream["stream"]);
  if (typeof labels === "string") {
    errors.add(i, -1, labels);
    return undefined;
  }
  const { values } = stream;
  if (!Array.isArray(values)) {
    errors.add(i, -1, `expected "values" to be a list, found ${describe(values)}`);
    return undefined;
  }
  const times: bigint[] = [];
  const lines: Uint8Array[] = [];
  const metadata: (LineMetadata | undefined)[] = [];
  let hasMetadata = false;
  for (const [index, value] of (values as unknown[]).entries()) {
    const entry = readEntry(value);
    if (typeof entry === "string") {
      errors.add(i, index, entry);
      continue;
    }
    times.push(entry.timeNs);
    lines.push(entry.line);
    metadata.push(entry.metadata);
    if (entry.metadata !== undefined) hasMetadata = true;
  }
  return { labels, timesNs: BigInt64Array.from(times), lines, metadata: hasMetadata ? metadata : undefined };
}

/** The labels, or what is wrong with them. */
export function readJsonLabels(stream: unknown): Labels | string {
  if (!isObject(stream)) return `expected "stream" to be an object of labels, found ${describe(stream)}`;
  const entries = Object.entries(stream);
  for (const [name, value] of entries) {
    if (!LABEL_NAME.test(name)) return `${JSON.stringify(name)} is not a label name ([a-zA-Z_][a-zA-Z0-9_]*)`;
    if (typeof value !== "string") {
      return `expected the value of label ${JSON.stringify(name)} to be a text, found ${describe(value)}`;
    }
  }
  const pairs = entries as [string, string][];
  const problem = pairsProblem(pairs.flat());
  if (problem !== undefined) return problem;
  const labels = Labels.from(pairs);
  return labels.size === 0 ? "a stream needs at least one label" : labels;
}

interface Entry {
  readonly timeNs: bigint;
  readonly line: Uint8Array;
  readonly metadata: LineMetadata | undefined;
}

/** The entry, or what is wrong with it. */
function readEntry(value: unknown): Entry | string {
  if (!Array.isArray(value) || value.length < 2 || value.length > 3) {
    return `expected [timestamp, line] or [timestamp, line, metadata], found ${describe(value)}`;
  }
  const [time, line, metadata] = value as unknown[];
  if (typeof time !== "string") {
    return `expected the timestamp to be a text of nanoseconds, found ${describe(time)}`;
  }
  const timeNs = TIMESTAMP.test(time) ? BigInt(time) : undefined;
  if (timeNs === undefined || timeNs > INT64_MAX || timeNs < INT64_MIN) {
    const found = JSON.stringify(time.slice(0, 40));
    return `the timestamp ${found} is not a whole number of nanoseconds in 64 bits`;
  }
  if (typeof line !== "string") return `expected the line to be a text, found ${describe(line)}`;
  if (metadata !== undefined && !isObject(metadata)) {
    return `expected the metadata to be an object, found ${describe(metadata)}`;
  }
  const pairs: string[] = [];
  for (const [name, text] of Object.entries(metadata ?? {})) {
    if (typeof text !== "string") {
      return `expected the metadata ${JSON.stringify(name)} to be a text, found ${describe(text)}`;
    }
    pairs.push(name, text);
  }
  return { timeNs, line: Buffer.from(line), metadata: pairs.length === 0 ? undefined : pairs };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value, shortly, for an error message. */
function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  const kind = value === null ? "" : Array.isArray(value) ? "the list " : `the ${typeof value} `;
  return `${kind}${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}
