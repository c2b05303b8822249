/**
 * `| context before 3 after 3`: found lines with those around them in their stream, as grep -B and -A show
 * them.
 */
import type { Labels, LogBlock, LogSource, QueryContext } from "@binnacle/model";
import type { ContextStage } from "../parser/ast.ts";
import { CONTEXT_REACH_MS } from "../limits.ts";
import { selectLines } from "./block-walk.ts";
import type { ArrangedLine } from "./line-arranger.ts";
import { allLines } from "./line-filter.ts";
import { Line } from "./line.ts";
import type { LogEntry } from "./log-entry.ts";
import { compilePipeline, type CompiledPipeline } from "./pipeline.ts";
import type { QueryStats } from "./query-stats.ts";
import type { StreamsQuery } from "./streams-request.ts";
import { TopEntries } from "./top-entries.ts";

/** A line and its place among all lines of its stream. */
interface Placed extends ArrangedLine {
  readonly stream: number;
  readonly row: number;
}

/** A line of an answer that carries what stands around it. */
interface FoundEntry extends LogEntry {
  readonly place: Placed;
  readonly around: Placed[];
}

const REACH_NS = BigInt(CONTEXT_REACH_MS) * 1_000_000n;

/**
 * The limit counts found lines. Whole streams are walked: which lines stand around one is known only when
 * they are passed, filters or not.
 */
export async function queryContext(
  query: StreamsQuery,
  stage: ContextStage,
  source: LogSource,
  context: QueryContext,
  stats: QueryStats,
): Promise<ArrangedLine[]> {
  const { expr, startNs, endNs, direction, limit } = query;
  const pipeline = compilePipeline(expr);
  const range = { startNs: startNs - REACH_NS, endNs: endNs + REACH_NS };
  using set = await source.select(
    { matchers: expr.matchers, ...range, hints: [], direction: "forward" },
    context,
  );
  const isBackward = direction === "backward";
  const top = new TopEntries(limit, isBackward, context);
  const line = new Line(query);
  for (let stream = 0; stream < set.streams.length; stream++) {
    line.setStream(set.streams[stream]!);
    const walk = new StreamWalk({ query, stage, pipeline, line, stream, stats });
    for (const block of set.read(stream, context)) {
      context.check();
      for (const found of walk.next(block)) {
        if (top.wants(found.timeNs)) top.add(found.place.labels, found);
      }
    }
  }
  return inOrder(
    top.sorted().map(({ entry }) => entry as FoundEntry),
    isBackward,
  );
}

/** Each line once, however many it stands near to. */
function inOrder(found: readonly FoundEntry[], isBackward: boolean): ArrangedLine[] {
  const byPlace = new Map<string, Placed>();
  // A line that was found itself keeps the labels that it was given.
  for (const { around } of found) for (const near of around) byPlace.set(`${near.stream} ${near.row}`, near);
  for (const { place } of found) byPlace.set(`${place.stream} ${place.row}`, place);
  const lines = [...byPlace.values()].sort((a, b) => {
    const [x, y] = [a.entry.timeNs, b.entry.timeNs];
    if (x !== y) return x < y ? -1 : 1;
    return a.stream - b.stream || a.row - b.row;
  });
  return isBackward ? lines.reverse() : lines;
}

interface StreamWalkOptions {
  readonly query: StreamsQuery;
  readonly stage: ContextStage;
  readonly pipeline: CompiledPipeline;
  readonly line: Line;
  readonly stream: number;
  readonly stats: QueryStats;
}

/** Walks a stream's blocks in the order of time. */
class StreamWalk {
  readonly #options: StreamWalkOptions;
  /** Lines of the blocks so far. */
  #rows = 0;
  /** The last of them. */
  #tail: Placed[] = [];
  /** Found lines that still wait for some behind them, and how many. */
  #open: { readonly around: Placed[]; missing: number }[] = [];

  constructor(options: StreamWalkOptions) {
    this.#options = options;
  }

  /** Lines found in a block. What stands behind the last of them may be added to them by the next call. */
  next(block: LogBlock): FoundEntry[] {
    const { before, after } = this.#options.stage;
    const count = block.timesNs.length;
    const found = this.#findLines(block);
    const wanted = new Set<number>();
    const want = (from: number, to: number): void => {
      for (let row = Math.max(0, from); row < Math.min(count, to); row++) wanted.add(row);
    };
    for (const { row } of found) want(row - before, row + after + 1);
    want(0, Math.max(0, ...this.#open.map(({ missing }) => missing)));
    want(count - before, count);
    const near = this.#readLines(block, Uint32Array.from(wanted).sort());

    for (const waiting of this.#open) {
      const taken = Math.min(waiting.missing, count);
      for (let row = 0; row < taken; row++) waiting.around.push(near.get(row)!);
      waiting.missing -= taken;
    }
    const entries: FoundEntry[] = [];
    for (const { row, labels, entry } of found) {
      const around = this.#tail.slice(
        Math.min(this.#tail.length, Math.max(0, this.#tail.length + row - before)),
      );
      for (let at = Math.max(0, row - before); at < Math.min(count, row + after + 1); at++) {
        if (at !== row) around.push(near.get(at)!);
      }
      const missing = after - (Math.min(count, row + after + 1) - row - 1);
      if (missing > 0) this.#open.push({ around, missing });
      const place = { stream: this.#options.stream, row: this.#rows + row, labels, entry };
      entries.push({ ...entry, place, around });
    }
    this.#open = this.#open.filter(({ missing }) => missing > 0);
    const last = Array.from({ length: Math.min(before, count) }, (_, i) =>
      near.get(count - Math.min(before, count) + i)!,
    );
    this.#tail = before === 0 ? [] : [...this.#tail, ...last].slice(-before);
    this.#rows += count;
    return entries;
  }

  #findLines(block: LogBlock): { row: number; labels: Labels; entry: LogEntry }[] {
    const { query, pipeline, line, stats } = this.#options;
    const kept = selectLines(pipeline, block, stats) ?? allLines(block.timesNs.length);
    const rows = kept.filter((row) => {
      const timeNs = block.timesNs[row]!;
      return timeNs >= query.startNs && timeNs < query.endNs;
    });
    const { bytes, offsets } = block.read?.(rows) ?? block;
    const found: { row: number; labels: Labels; entry: LogEntry }[] = [];
    rows.forEach((row, k) => {
      const place = block.read === undefined ? row : k;
      line.reset(
        block.timesNs[row]!,
        bytes.subarray(offsets[place], offsets[place + 1]),
        block.metadata?.[row],
      );
      if (!pipeline.stages.every((stage) => stage(line))) return;
      found.push({ row, labels: line.labels.toLabels(), entry: entryOf(line) });
    });
    return found;
  }

  /** Lines as they are stored, by row. */
  #readLines(block: LogBlock, rows: Uint32Array): Map<number, Placed> {
    const { line, stream } = this.#options;
    const lines = new Map<number, Placed>();
    if (rows.length === 0) return lines;
    const { bytes, offsets } = block.read?.(rows) ?? block;
    rows.forEach((row, k) => {
      const place = block.read === undefined ? row : k;
      line.reset(
        block.timesNs[row]!,
        bytes.subarray(offsets[place], offsets[place + 1]),
        block.metadata?.[row],
      );
      lines.set(row, { stream, row: this.#rows + row, labels: line.labels.toLabels(), entry: entryOf(line) });
    });
    return lines;
  }
}

function entryOf({ labels, timeNs, bytes }: Line): LogEntry {
  return {
    timeNs,
    line: bytes.slice(),
    metadata: labels.pairsOf("metadata"),
    parsed: labels.pairsOf("parsed"),
  };
}
