/** Bodies of JSON documents a line: Elasticsearch's bulk requests, and JSON lines. */
import { BinnacleError } from "@binnacle/model";
import { PushErrors, type LogPush } from "../loki/push.ts";
import { StreamGatherer } from "../loki/stream-gatherer.ts";
import { readDocument, type DocumentOptions } from "./document.ts";

export interface BulkPush extends LogPush {
  /** What was asked of each document and whether it could be read, in order, for the answer. */
  readonly items: readonly { readonly action: "create" | "index"; readonly error: string | undefined }[];
}

/** Throws BAD_BODY where an action cannot be read: what follows it would be taken for something else. */
export function decodeBulk(body: Uint8Array, options: DocumentOptions): BulkPush {
  const lines = linesOf(body);
  const errors = new PushErrors();
  const gatherer = new StreamGatherer();
  const items: { action: "create" | "index"; error: string | undefined }[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (lines[i]!.trim() === "") continue;
    const { action, index } = readAction(lines[i]!, i);
    const document = readDocument(
      lines[++i] ?? "",
      index === undefined ? options : { ...options, job: index },
    );
    const error = typeof document === "string" ? document : undefined;
    if (typeof document === "string") errors.add(0, items.length, document);
    else add(gatherer, document);
    items.push({ action, error });
  }
  return { ...gatherer.toPush(errors), items };
}

function readAction(line: string, at: number): { action: "create" | "index"; index: string | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  for (const action of ["create", "index"] as const) {
    const target = typeof value === "object" && value !== null ? Reflect.get(value, action) : undefined;
    if (typeof target !== "object" || target === null) continue;
    const index: unknown = Reflect.get(target, "_index");
    return { action, index: typeof index === "string" && index !== "" ? index : undefined };
  }
  throw new BinnacleError(
    "BAD_BODY",
    `line ${at + 1}: expected {"create":…} or {"index":…}, found ${line.slice(0, 80)}`,
  );
}

/** One document a line; a line that is none is left out and told. */
export function decodeJsonLines(body: Uint8Array, options: DocumentOptions): LogPush {
  const errors = new PushErrors();
  const gatherer = new StreamGatherer();
  linesOf(body).forEach((line, i) => {
    if (line.trim() === "") return;
    const document = readDocument(line, options);
    if (typeof document === "string") errors.add(0, i, document);
    else add(gatherer, document);
  });
  return gatherer.toPush(errors);
}

function add(gatherer: StreamGatherer, document: Exclude<ReturnType<typeof readDocument>, string>): void {
  const { labels, timeNs, line, metadata } = document;
  gatherer.add(labels, timeNs, Buffer.from(line, "utf8"), metadata);
}

function linesOf(body: Uint8Array): string[] {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8").split("\n");
}
