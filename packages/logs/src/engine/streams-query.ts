/** Log queries: the newest or oldest lines, as many as asked for, of all streams together. */
import {
  compareLabels,
  type Labels,
  type LogHorizon,
  type LogSource,
  type QueryContext,
} from "@binnacle/model";
import { isArranging, type ArrangingStage } from "../parser/ast.ts";
import { walkBlock } from "./block-walk.ts";
import { queryContext } from "./context-query.ts";
import { LineArranger, type ArrangedLine } from "./line-arranger.ts";
import { Line } from "./line.ts";
import type { LogEntry } from "./log-entry.ts";
import { compilePipeline } from "./pipeline.ts";
import type { QueryStats } from "./query-stats.ts";
import { RELATIVE_NS_MAX } from "./relative-times.ts";
import { StoredLines } from "./stored-lines.ts";
import type { StreamsQuery } from "./streams-request.ts";
import { TopEntries } from "./top-entries.ts";

export interface StreamResult {
  /** All the labels that the lines ended with. */
  readonly labels: Labels;
  /** In the query's direction. */
  readonly entries: readonly LogEntry[];
}

/**
 * Streams in the order of their labels; those of a sorted answer in the order of their lines, each time they
 * have some.
 */
export async function queryStreams(
  query: StreamsQuery,
  source: LogSource,
  context: QueryContext,
  stats: QueryStats,
): Promise<StreamResult[]> {
  const { stages } = query.expr;
  const at = stages.findIndex(isArranging);
  if (at < 0) return queryPlain(query, source, context, stats);
  const asked = { ...query, expr: { ...query.expr, stages: stages.slice(0, at) } };
  const arranging = stages.slice(at) as ArrangingStage[];
  const [first] = arranging;
  if (first!.kind === "context") return group(await queryContext(asked, first!, source, context, stats));
  const lines = await queryArranged(asked, arranging, source, context, stats);
  return arranging.some(({ kind }) => kind === "sort") ? groupRuns(lines) : group(lines);
}

async function queryArranged(
  query: StreamsQuery,
  arranging: readonly ArrangingStage[],
  source: LogSource,
  context: QueryContext,
  stats: QueryStats,
): Promise<ArrangedLine[]> {
  const { expr, startNs, endNs, direction, limit } = query;
  const pipeline = compilePipeline(expr);
  const isBackward = direction === "backward";
  const stages = arranging.filter((stage) => stage.kind !== "context");
  const arranger = new LineArranger({ stages, isBackward, limit }, context);
  const selection = { matchers: expr.matchers, startNs, endNs, hints: pipeline.hints, direction };
  using set = await source.select(selection, context);
  const line = new Line(query);
  for (let stream = 0; stream < set.streams.length; stream++) {
    line.setStream(set.streams[stream]!);
    for (const block of set.read(stream, context)) {
      context.check();
      walkBlock(pipeline, block, line, stats, {
        isBackward,
        onLine: ({ labels, timeNs, bytes }) => {
          const metadata = labels.pairsOf("metadata");
          const parsed = labels.pairsOf("parsed");
          arranger.add(labels.toLabels(), { timeNs, line: bytes.slice(), metadata, parsed });
          return true;
        },
      });
    }
  }
  return arranger.finish();
}

async function queryPlain(
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
  // Without stages lines leave as they are stored.
  if (pipeline.stages.length === 0 && !isSpaced && endNs - startNs < RELATIVE_NS_MAX) {
    const options = { limit, isBackward, detectsLevel: query.detectsLevel, anchorNs: endNs };
    new StoredLines(set, pipeline, options, context, stats).addTo(top);
    return group(top.sorted());
  }
  const line = new Line(query);
  const horizon: LogHorizon = { timeNs: undefined };
  for (let stream = 0; stream < set.streams.length; stream++) {
    context.check();
    line.setStream(set.streams[stream]!);
    for (const block of set.read(stream, context, horizon)) {
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
      if (!goesOn) break;
    }
  }
  return group(isSpaced ? top.spaced(query.intervalNs, limit) : top.sorted());
}

/** Lines that follow each other and have the same labels. */
function groupRuns(lines: readonly ArrangedLine[]): StreamResult[] {
  const runs: { labels: Labels; entries: LogEntry[] }[] = [];
  for (const { labels, entry } of lines) {
    const last = runs.at(-1);
    if (last?.labels.equals(labels)) last.entries.push(entry);
    else runs.push({ labels, entries: [entry] });
  }
  return runs;
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
