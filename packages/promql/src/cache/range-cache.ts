/**
 * Answers range queries from what was computed for the same expression before. A dashboard asks the same
 * again every few seconds, a little later: all but the newest steps are there.
 *
 *     kept before      ├──────────── right ───────────┤ changed ┤
 *     asked now              ├──────────────────────────────────────┤
 *     evaluated                                       ├─────────────┤
 *
 * A step is used again only where the source says that no sample changed that it depends on. Answers that
 * carry warnings or infos are not kept: which steps those are about is not known.
 */
import type { MetricSource, QueryContext, QueryResult, TimeRange } from "@binnacle/model";
import { EXTENT_SHARE_MAX, EXTENT_STEPS_MAX, EXTENT_STEPS_MIN } from "../limits.ts";
import { FEATURES } from "../parser/index.ts";
import type { Engine, RangeQuery } from "../engine/engine.ts";
import { timeAt, type StepGrid } from "../engine/grid.ts";
import { dependenceOf, type Dependence } from "./dependence.ts";
import { bytesOf, cut, join, type Extent } from "./extent.ts";

export interface RangeCacheStats {
  /** Queries answered in part by what was there. */
  hits: number;
  /** Queries of which nothing was there, or nothing that was still right. */
  misses: number;
  /** Queries that are never kept: their steps depend on more than samples near them. */
  bypasses: number;
  stepsReused: number;
  stepsComputed: number;
  /** Extents given up for others. */
  evictions: number;
  /** Bytes held now. */
  bytes: number;
}

interface Entry {
  readonly extent: Extent;
  readonly bytes: number;
  /** The source's moment before any of it was read. */
  readonly moment: number;
}

export class RangeCache {
  readonly stats: RangeCacheStats = {
    hits: 0,
    misses: 0,
    bypasses: 0,
    stepsReused: 0,
    stepsComputed: 0,
    evictions: 0,
    bytes: 0,
  };
  readonly #engine: Engine;
  readonly #bytesMax: number;
  /** In the order of last use. */
  readonly #entries = new Map<string, Entry>();

  /** `bytesMax`: most bytes of answers that are kept; past it the least recently used go. */
  constructor(engine: Engine, { bytesMax }: { readonly bytesMax: number }) {
    this.#engine = engine;
    this.#bytesMax = bytesMax;
  }

  /** As the engine's `range`, throws what it throws. */
  async range(query: RangeQuery, source: MetricSource, context: QueryContext): Promise<QueryResult> {
    const { expr, frame, grid } = this.#engine.prepareRange(query);
    const isLong = grid.count >= EXTENT_STEPS_MIN;
    const isKnown =
      source.changesSince !== undefined && !this.#engine.features.has(FEATURES.typeAndUnitLabels);
    const dependence = isLong && isKnown ? dependenceOf(expr, frame) : undefined;
    if (dependence === undefined) {
      this.stats.bypasses++;
      return this.#engine.range(query, source, context);
    }
    const key = keyOf(query, grid, frame.lookbackDeltaMs);
    const entry = this.#entries.get(key);
    const asked = { query, source, context, key, grid };
    if (entry === undefined) return this.#compute(asked);
    const { moment, ranges } = await source.changesSince!(entry.moment, dependence.selectors);
    const kept = longestRight(entry.extent.grid, grid, changedSteps(ranges, dependence));
    return kept === undefined ? this.#compute(asked) : this.#extend(asked, { ...entry, moment }, kept);
  }

  async #compute(asked: Asked): Promise<QueryResult> {
    const { query, source, context, key, grid } = asked;
    this.stats.misses++;
    this.stats.stepsComputed += grid.count;
    // Asked for first, so that nothing is read at an earlier moment.
    const [{ moment }, result] = await Promise.all([
      source.changesSince!(undefined, []),
      this.#engine.range(query, source, context),
    ]);
    if (result.value.type === "matrix" && isPlain(result)) {
      // Copied, since a column may be cut from memory that it shares with columns that are not kept.
      this.#keep(key, join([{ grid, series: result.value.series }]), moment);
    }
    return result;
  }

  /** `kept`: steps of the entry that are right, some of them asked for. */
  async #extend(asked: Asked, { extent, moment }: Entry, kept: Steps): Promise<QueryResult> {
    const { query, source, context, key, grid } = asked;
    const { stepMs } = grid;
    /** Steps are counted from the first that is asked for. */
    const shift = Math.round((extent.grid.startMs - grid.startMs) / stepMs);
    const right = cut(extent, kept.from, kept.to);
    const rightFrom = kept.from + shift;
    const rightTo = kept.to + shift;
    const warnings: string[] = [];
    const infos: string[] = [];
    const evaluate = async (from: number, to: number): Promise<Extent[]> => {
      if (from >= to) return [];
      const part = { startMs: timeAt(grid, from), endMs: timeAt(grid, to - 1) };
      const result = await this.#engine.range({ ...query, ...part }, source, context);
      warnings.push(...result.warnings);
      infos.push(...result.infos);
      const series = result.value.type === "matrix" ? result.value.series : [];
      this.stats.stepsComputed += to - from;
      return [{ grid: { startMs: part.startMs, stepMs, count: to - from }, series }];
    };
    const before = await evaluate(0, rightFrom);
    const after = await evaluate(rightTo, grid.count);
    const parts = [...before, right, ...after];
    // What is kept has columns of its own: a view would hold on to all it is cut from.
    const isSame = parts.length === 1 && right.grid.count === extent.grid.count;
    const whole = isSame ? extent : join(parts);
    const wholeFrom = Math.min(0, rightFrom);
    const answer = cut(whole, -wholeFrom, grid.count - wholeFrom);
    context.chargeBytes(bytesOf(answer));
    this.stats.hits++;
    this.stats.stepsReused += Math.min(rightTo, grid.count) - Math.max(rightFrom, 0);
    const result = {
      value: { type: "matrix" as const, series: answer.series },
      warnings: unique(warnings),
      infos: unique(infos),
    };
    if (isPlain(result)) this.#keep(key, whole.grid.count <= EXTENT_STEPS_MAX ? whole : answer, moment);
    return result;
  }

  #keep(key: string, extent: Extent, moment: number): void {
    const bytes = bytesOf(extent);
    this.#forget(key);
    if (bytes > this.#bytesMax * EXTENT_SHARE_MAX) return;
    this.#entries.set(key, { extent, bytes, moment });
    this.stats.bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.stats.bytes <= this.#bytesMax) break;
      this.#forget(oldest);
      this.stats.evictions++;
    }
  }

  #forget(key: string): void {
    this.stats.bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}

interface Asked {
  readonly query: RangeQuery;
  readonly source: MetricSource;
  readonly context: QueryContext;
  readonly key: string;
  readonly grid: StepGrid;
}

/** Steps `from` up to and without `to`. */
interface Steps {
  readonly from: number;
  readonly to: number;
}

/** Steps of different phases share nothing. */
function keyOf({ query, stepMs }: RangeQuery, { startMs }: StepGrid, lookbackDeltaMs: number): string {
  const phase = ((startMs % stepMs) + stepMs) % stepMs;
  return `${stepMs} ${phase} ${lookbackDeltaMs} ${query}`;
}

function isPlain({ warnings, infos }: { warnings: readonly string[]; infos: readonly string[] }): boolean {
  return warnings.length === 0 && infos.length === 0;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

function touches(a: TimeRange, b: TimeRange): boolean {
  return a.startMs <= b.endMs && b.startMs <= a.endMs;
}

/** Times of steps, both ends included, that depend on what changed. */
function changedSteps(
  ranges: readonly TimeRange[],
  { beforeMs, afterMs, fixed }: Dependence,
): readonly TimeRange[] {
  if (fixed.some((range) => ranges.some((changed) => touches(range, changed)))) {
    return [{ startMs: -Infinity, endMs: Infinity }];
  }
  // A query of nothing but fixed times depends on nothing else.
  if (beforeMs === -Infinity) return [];
  return ranges.map(({ startMs, endMs }) => ({ startMs: startMs - afterMs, endMs: endMs + beforeMs }));
}

/** Of the runs of kept steps that nothing changed, the one that has most of those asked for. */
function longestRight(kept: StepGrid, asked: StepGrid, changed: readonly TimeRange[]): Steps | undefined {
  const askedFrom = Math.round((asked.startMs - kept.startMs) / kept.stepMs);
  const askedTo = askedFrom + asked.count;
  const overlap = ({ from, to }: Steps): number => Math.min(to, askedTo) - Math.max(from, askedFrom);
  let best: Steps = { from: 0, to: 0 };
  let bestCount = 0;
  let from = 0;
  for (const gap of [...gapsOf(kept, changed), { from: kept.count, to: kept.count }]) {
    const run = { from, to: gap.from };
    if (run.to > run.from && overlap(run) > bestCount) {
      best = run;
      bestCount = overlap(run);
    }
    from = Math.max(from, gap.to);
  }
  // A few steps are not worth two evaluations in place of one.
  return bestCount >= EXTENT_STEPS_MIN / 2 && bestCount * 4 >= asked.count ? best : undefined;
}

/** The changed steps of a grid, ascending. */
function gapsOf({ startMs, stepMs, count }: StepGrid, changed: readonly TimeRange[]): readonly Steps[] {
  const clamp = (step: number): number => Math.min(count, Math.max(0, step));
  return changed
    .map((range) => ({
      from: clamp(Math.ceil((range.startMs - startMs) / stepMs)),
      to: clamp(Math.floor((range.endMs - startMs) / stepMs) + 1),
    }))
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.from - b.from);
}
