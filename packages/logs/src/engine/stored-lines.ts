/**
 * The newest or oldest lines of a query without stages. Such lines leave as they are stored, so times alone
 * say which of them a limit keeps, and no other is put together.
 *
 * First the times of all streams are looked through for the bound, the time of the last line that is kept;
 * then the lines up to it are read. Which lines of a block the filters let through is remembered from the
 * one to the other.
 */
import type { Labels, LineMetadata, LogBlock, LogHorizon, LogSet, QueryContext } from "@binnacle/model";
import { SELECTED_ROWS_MAX } from "../limits.ts";
import { chargeText, selectLines } from "./block-walk.ts";
import { detectLevel, LEVEL_LABEL } from "./detected-level.ts";
import type { LineNumbers } from "./line-filter.ts";
import { Line } from "./line.ts";
import type { CompiledPipeline } from "./pipeline.ts";
import type { QueryStats } from "./query-stats.ts";
import { relativeTimes } from "./relative-times.ts";
import type { TopEntries } from "./top-entries.ts";

export interface StoredLinesOptions {
  readonly limit: number;
  readonly isBackward: boolean;
  readonly detectsLevel: boolean;
  /** What times are relative to, Unix ns: within 104 days of all of them, so that doubles are exact. */
  readonly anchorNs: bigint;
}

export class StoredLines {
  readonly #set: LogSet;
  readonly #pipeline: CompiledPipeline;
  readonly #options: StoredLinesOptions;
  readonly #context: QueryContext;
  readonly #stats: QueryStats;
  /** By stream the lines that the filters let through, block by block. */
  readonly #selected: (LineNumbers | undefined)[][] = [];
  #selectedRows = 0;

  constructor(
    set: LogSet,
    pipeline: CompiledPipeline,
    options: StoredLinesOptions,
    context: QueryContext,
    stats: QueryStats,
  ) {
    this.#set = set;
    this.#pipeline = pipeline;
    this.#options = options;
    this.#context = context;
    this.#stats = stats;
  }

  /** Adds the lines to the entries, which keep as many as they want. */
  addTo(top: TopEntries): void {
    const { anchorNs } = this.#options;
    const bound = this.#findBound();
    const horizon: LogHorizon = {
      timeNs: Number.isFinite(bound) ? anchorNs + BigInt(bound) : undefined,
    };
    for (let stream = 0; stream < this.#set.streams.length; stream++) {
      const lines = new StreamLines(this.#set.streams[stream]!, this.#options.detectsLevel);
      const known = this.#selected[stream] ?? [];
      let number = 0;
      for (const block of this.#set.read(stream, this.#context, horizon)) {
        const isKnown = number < known.length;
        const kept = isKnown ? known[number] : selectLines(this.#pipeline, block, this.#stats);
        number++;
        const rows = this.#within(block, kept, bound);
        if (rows.length > 0) this.#addBlock(block, rows, lines, top);
        // Times of a stream go one way: behind a line beyond the bound there is none within.
        if (rows.length < (kept?.length ?? countLines(block))) break;
      }
    }
  }

  /** Of some ascending lines, or all, those that are not beyond the bound. */
  #within(block: LogBlock, kept: LineNumbers | undefined, bound: number): LineNumbers {
    const { isBackward, anchorNs } = this.#options;
    const count = kept?.length ?? countLines(block);
    let low = isBackward || count === 0 ? 0 : count;
    if (count > 0 && Number.isFinite(bound)) {
      const times = relativeTimes(block, anchorNs);
      low = 0;
      for (let high = count; low < high;) {
        const middle = (low + high) >>> 1;
        const time = times.at(kept === undefined ? middle : kept[middle]!);
        if (isBackward ? time < bound : time <= bound) low = middle + 1;
        else high = middle;
      }
    }
    const [from, to] = isBackward ? [low, count] : [0, low];
    return kept?.subarray(from, to) ?? Uint32Array.from({ length: to - from }, (_, i) => from + i);
  }

  #addBlock(block: LogBlock, rows: LineNumbers, lines: StreamLines, top: TopEntries): void {
    const { isBackward, anchorNs } = this.#options;
    const { metadata } = block;
    if (this.#pipeline.blockFilters.length === 0) chargeText(block, this.#stats);
    const times = relativeTimes(block, anchorNs);
    const read = block.read?.(rows);
    const { bytes, offsets } = read ?? block;
    for (let k = 0; k < rows.length; k++) {
      const i = isBackward ? rows.length - 1 - k : k;
      const row = rows[i]!;
      const timeNs = anchorNs + BigInt(times.at(row));
      if (!top.wants(timeNs)) return;
      const place = read === undefined ? row : i;
      const view = bytes.subarray(offsets[place], offsets[place + 1]);
      // What was read is the caller's own; a view of the head's memory is not.
      const line = read === undefined ? view.slice() : view;
      const extra = lines.of(line, metadata?.[row]);
      top.add(extra.labels, { timeNs, line, metadata: extra.metadata, parsed: extra.parsed });
    }
  }

  /** The time of the last line that the limit leaves, relative; infinite where it leaves all. */
  #findBound(): number {
    const { limit, isBackward, anchorNs } = this.#options;
    const none = isBackward ? -Infinity : Infinity;
    const times = new Float64Array(2 * limit);
    let count = 0;
    let bound = none;
    const horizon: LogHorizon = { timeNs: undefined };
    const cut = (): void => {
      const sorted = times.subarray(0, count).sort();
      if (isBackward) sorted.reverse();
      count = Math.min(count, limit);
      if (count < limit) return;
      bound = times[limit - 1]!;
      horizon.timeNs = anchorNs + BigInt(bound);
    };
    for (let stream = 0; stream < this.#set.streams.length; stream++) {
      this.#context.check();
      const known: (LineNumbers | undefined)[] = (this.#selected[stream] = []);
      let left = limit;
      for (const block of this.#set.read(stream, this.#context, horizon)) {
        const kept = this.#remember(known, selectLines(this.#pipeline, block, this.#stats));
        const found = kept?.length ?? countLines(block);
        if (found === 0) continue;
        const relative = relativeTimes(block, anchorNs);
        for (let k = 0; k < found && left > 0; k++, left--) {
          const at = isBackward ? found - 1 - k : k;
          const time = relative.at(kept === undefined ? at : kept[at]!);
          if (isBackward ? time <= bound : time >= bound) {
            left = 0;
            break;
          }
          times[count++] = time;
          if (count === times.length) cut();
        }
        if (left === 0) break;
      }
      // A first bound as soon as there can be one; a closer one when there is no more room.
      if (count >= limit && bound === none) cut();
    }
    cut();
    return bound;
  }

  /** Only the first blocks of a stream can be remembered: their number is their name. */
  #remember(known: (LineNumbers | undefined)[], kept: LineNumbers | undefined): LineNumbers | undefined {
    this.#selectedRows += kept?.length ?? 0;
    if (this.#selectedRows <= SELECTED_ROWS_MAX) known.push(kept);
    return kept;
  }
}

function countLines(block: LogBlock): number {
  return block.lineCount ?? block.timesNs.length;
}

interface LineLabels {
  readonly labels: Labels;
  readonly metadata: LineMetadata;
  readonly parsed: LineMetadata;
}

/** The labels of a stream's lines: those without metadata have few, which are made once. */
class StreamLines {
  readonly #stream: Labels;
  readonly #line: Line;
  readonly #detectsLevel: boolean;
  readonly #byLevel = new Map<string | undefined, LineLabels>();

  constructor(stream: Labels, detectsLevel: boolean) {
    this.#stream = stream;
    this.#detectsLevel = detectsLevel;
    this.#line = new Line();
    this.#line.setStream(stream);
  }

  of(bytes: Uint8Array, metadata: LineMetadata | undefined): LineLabels {
    const level = this.#detectsLevel ? detectLevel(this.#stream, metadata, bytes) : undefined;
    const known = metadata === undefined ? this.#byLevel.get(level) : undefined;
    if (known !== undefined) return known;
    const { labels } = this.#line;
    labels.reset(level === undefined ? metadata : [...(metadata ?? []), LEVEL_LABEL, level]);
    const made = {
      labels: labels.toLabels(),
      metadata: labels.pairsOf("metadata"),
      parsed: labels.pairsOf("parsed"),
    };
    if (metadata === undefined) this.#byLevel.set(level, made);
    return made;
  }
}
