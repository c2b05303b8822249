/** Log queries: the newest or oldest lines, as many as asked for, of all streams together. */
import {
  compareLabels,
  type Labels,
  type LogHorizon,
  type LogSource,
  type QueryContext,
} from "@binnacle/model";
import type { PipelineExpr } from "../parser/ast.ts";
import { walkBlock } from "./block-walk.ts";
import { Line } from "./line.ts";
import type { LogEntry } from "./log-entry.ts";
import { compilePipeline } from "./pipeline.ts";
import type { QueryStats } from "./query-stats.ts";
import { TopEntries } from "./top-entries.ts";

export interface StreamResult {
  /** All the labels that the lines ended with. */
  readonly labels: Labels;
  /** In the query's direction. */
  readonly entries: readonly LogEntry[];
}

export interface StreamsQuery {
  readonly expr: PipelineExpr;
  /** Half-open. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly limit: number;
  readonly direction: "forward" | "backward";
  /** Whether lines get a detected_level. */
  readonly detectsLevel: boolean;
  /** Least distance between two lines of the answer, or 0. */
  readonly intervalNs: bigint;
}

export async function queryStreams(
  query: StreamsQuery,
  source: LogSource,
  context: QueryContext,
  stats: QueryStats,
): Promise<StreamResult[]> {
  const { expr, startNs, endNs, direction, limit } = query;
  const pipeline = compilePipeline(expr);
  const isBackward = direction === "backward";
  const selection = { matchers: expr.matchers, startNs, endNs, hints: pipeline.hints, direction };
  using set = await source.select(selection, context);
  const isSpaced = query.intervalNs > 0n;
  // Which lines a spacing leaves out is known only in the order of all, so all that match are held for it.
  const top = new TopEntries(isSpaced ? Infinity : limit, isBackward, context);
  const line = new Line(query);
  const horizon: LogHorizon = { timeNs: undefined };
  for (let stream = 0; stream < set.streams.length; stream++) {
    context.check();
    line.setStream(set.streams[stream]!);
    blocks: for (const block of set.read(stream, context, horizon)) {
      const goesOn = walkBlock(pipeline, block, line, stats, {
        isBackward,
        wants: (timeNs) => top.wants(timeNs),
        onLine: ({ labels, timeNs, bytes }) => {
          const metadata = labels.pairsOf("metadata");
          const parsed = labels.pairsOf("parsed");
          top.add(labels.toLabels(), { timeNs, line: bytes.slice(), metadata, parsed });
          return true;
        },
      });
      horizon.timeNs = top.horizonNs;
      if (!goesOn) break blocks;
    }
  }
  return group(isSpaced ? top.spaced(query.intervalNs, limit) : top.sorted());
}

function group(found: readonly { labels: Labels; entry: LogEntry }[]): StreamResult[] {
  const streams = new Map<string, { labels: Labels; entries: LogEntry[] }>();
  for (const { labels, entry } of found) {
    const stream = streams.get(labels.key());
    if (stream === undefined) streams.set(labels.key(), { labels, entries: [entry] });
    else stream.entries.push(entry);
  }
  return [...streams.values()].sort((a, b) => compareLabels(a.labels, b.labels));
}
