/**
 * Pushes of Loki's first API: `{"streams":[{"labels":"{a=\"b\"}","entries":[{"ts":RFC 3339,"line":…}]}]}`.
 */
import { BinnacleError, type Labels } from "@binnacle/model";
import { parseLabelSet } from "./label-set.ts";
import { type LogPush, PushErrors } from "./push.ts";
import { StreamGatherer } from "./stream-gatherer.ts";

/**
 * Throws BAD_BODY where it is no JSON or has no list of streams; a bad stream or entry is left out and
 * listed.
 */
export function decodeLegacyLokiJson(body: Uint8Array): LogPush {
  let push: unknown;
  try {
    push = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"));
  } catch (cause) {
    throw new BinnacleError("BAD_BODY", `the body is not JSON: ${(cause as Error).message}`, { cause });
  }
  const streams = fieldOf(push, "streams");
  if (!Array.isArray(streams)) {
    throw new BinnacleError("BAD_BODY", 'expected a JSON object with a list "streams"');
  }
  const errors = new PushErrors();
  const gatherer = new StreamGatherer();
  (streams as unknown[]).forEach((stream, i) => {
    const labels = labelsOf(fieldOf(stream, "labels"));
    const entries = fieldOf(stream, "entries");
    if (typeof labels === "string") errors.add(i, -1, labels);
    else if (!Array.isArray(entries)) errors.add(i, -1, 'expected a list "entries"');
    else
      (entries as unknown[]).forEach((entry, k) =>
        addEntry(gatherer, labels, entry, (what) => errors.add(i, k, what)),
      );
  });
  return gatherer.toPush(errors);
}

function labelsOf(text: unknown): Labels | string {
  if (typeof text !== "string") return 'expected a text "labels"';
  try {
    const labels = parseLabelSet(text);
    return labels.size === 0 ? "a stream needs at least one label" : labels;
  } catch (error) {
    if (error instanceof BinnacleError) return error.message;
    throw error;
  }
}

function addEntry(
  gatherer: StreamGatherer,
  labels: Labels,
  entry: unknown,
  fail: (what: string) => void,
): void {
  const time = fieldOf(entry, "ts") ?? fieldOf(entry, "timestamp");
  const line = fieldOf(entry, "line");
  const match =
    typeof time === "string"
      ? /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(time)
      : null;
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(ms)) return fail('expected "ts" to be a time as RFC 3339 writes it');
  if (typeof line !== "string") return fail('expected a text "line"');
  const timeNs = BigInt(ms) * 1_000_000n + BigInt((match![2] ?? "").padEnd(9, "0"));
  return gatherer.add(labels, timeNs, Buffer.from(line, "utf8"), []);
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (Reflect.get(value, name) as unknown) : undefined;
}
