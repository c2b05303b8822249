/**
 * Writes results of LogQL queries as Loki's JSON, in the worker. Lines are bytes; what is not UTF-8 in them
 * shows as U+FFFD.
 */
import { Buffer } from "node:buffer";
import type { LogEntry, LogQueryResult, QueryStats, StreamResult } from "@binnacle/logs/engine";
import type { Labels, LineMetadata } from "@binnacle/model";
import { writeLabels, queryValueJson } from "./write-metrics.ts";

export interface WriteLogOptions {
  readonly direction: "forward" | "backward";
  /** Labels of the stream alone, and what a line adds to them beside it: what Grafana asks for. */
  readonly categorizesLabels: boolean;
}

export function writeLogResult({ value, stats }: LogQueryResult, options: WriteLogOptions): Uint8Array {
  const data =
    value.type === "streams" ? writeStreams(value.streams, options) : queryValueJson(value).slice(0, -1);
  return Buffer.from(`{"status":"success","data":${data},"stats":${writeStats(stats)}}}`, "utf8");
}

function writeStreams(streams: readonly StreamResult[], options: WriteLogOptions): string {
  const parts = options.categorizesLabels
    ? byStreamAlone(streams, options.direction).map(({ labels, entries }) =>
        writeStream(labels, entries.map(writeCategorized)),
      )
    : streams.map(({ labels, entries }) => writeStream(labels, entries.map(writePlain)));
  const flags = options.categorizesLabels ? ',"encodingFlags":["categorize-labels"]' : "";
  return `{"resultType":"streams"${flags},"result":[${parts.join(",")}]`;
}

function writeStream(labels: Labels, values: readonly string[]): string {
  return `{"stream":${writeLabels(labels)},"values":[${values.join(",")}]}`;
}

function writePlain({ timeNs, line }: LogEntry): string {
  return `["${timeNs}",${writeLine(line)}]`;
}

function writeCategorized({ timeNs, line, metadata, parsed }: LogEntry): string {
  const extra: string[] = [];
  if (metadata.length > 0) extra.push(`"structuredMetadata":${writePairs(metadata)}`);
  if (parsed.length > 0) extra.push(`"parsed":${writePairs(parsed)}`);
  return `["${timeNs}",${writeLine(line)},{${extra.join(",")}}]`;
}

function writeLine(line: Uint8Array): string {
  return JSON.stringify(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString("utf8"));
}

function writePairs(pairs: LineMetadata): string {
  const parts: string[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    parts.push(`${JSON.stringify(pairs[i])}:${JSON.stringify(pairs[i + 1])}`);
  }
  return `{${parts.join(",")}}`;
}

/** Groups anew by the labels that belong to the stream and not to a line of it. */
function byStreamAlone(
  streams: readonly StreamResult[],
  direction: "forward" | "backward",
): { labels: Labels; entries: LogEntry[] }[] {
  const groups = new Map<string, { labels: Labels; entries: LogEntry[] }>();
  for (const stream of streams) {
    for (const entry of stream.entries) {
      const ofLine = new Set<string>();
      for (const pairs of [entry.metadata, entry.parsed]) {
        for (let i = 0; i < pairs.length; i += 2) ofLine.add(pairs[i]!);
      }
      const labels = stream.labels.without(ofLine);
      let group = groups.get(labels.key());
      if (group === undefined) groups.set(labels.key(), (group = { labels, entries: [] }));
      group.entries.push(entry);
    }
  }
  const sign = direction === "forward" ? 1n : -1n;
  // Stable, so that equal times stay in the order the engine gave them.
  for (const { entries } of groups.values()) {
    entries.sort((a, b) => Number(sign * (a.timeNs - b.timeNs)));
  }
  return [...groups.values()];
}

/** The fields of Loki's statistics that have a meaning here. */
function writeStats({ lines, bytes, execTimeMs }: QueryStats): string {
  const seconds = execTimeMs / 1000;
  return JSON.stringify({
    summary: {
      bytesProcessedPerSecond: seconds > 0 ? Math.round(bytes / seconds) : 0,
      linesProcessedPerSecond: seconds > 0 ? Math.round(lines / seconds) : 0,
      totalBytesProcessed: bytes,
      totalLinesProcessed: lines,
      execTime: seconds,
    },
  });
}
