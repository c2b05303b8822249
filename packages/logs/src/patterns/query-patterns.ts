/**
 * Patterns of the lines that a log query gives: exact counts by pattern, level and step. Every line is
 * looked at, whatever filters the query has.
 */
import type { LogSource, QueryContext } from "@binnacle/model";
import { walkBlock } from "../engine/block-walk.ts";
import { LEVEL_LABEL } from "../engine/detected-level.ts";
import { Line } from "../engine/line.ts";
import { compilePipeline } from "../engine/pipeline.ts";
import { newStats } from "../engine/query-stats.ts";
import type { PipelineExpr } from "../parser/ast.ts";
import { groupShapes } from "./group-shapes.ts";
import { patternText, slotValues } from "./pattern-text.ts";
import { ShapeTable, type Shape } from "./shapes.ts";

export interface PatternsQuery {
  readonly expr: PipelineExpr;
  /** Unix ns, half-open. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Above 0. */
  readonly stepNs: bigint;
}

export interface PatternSeries {
  /** As `|>` takes it. */
  readonly pattern: string;
  /** The lines' level, "" where they have none. */
  readonly level: string;
  readonly count: number;
  /** Lines a step, from the step that the start lies in; steps begin at multiples of the step. */
  readonly counts: ReadonlyMap<number, number>;
  readonly example: string;
}

/** Where patterns come from: mined from the lines, or kept by a store. */
export interface PatternSource {
  patterns(query: PatternsQuery, context: QueryContext): Promise<PatternSeries[]>;
}

export class MinedPatterns implements PatternSource {
  readonly #source: LogSource;

  constructor(source: LogSource) {
    this.#source = source;
  }

  /** The most frequent first. Step numbers are Unix time over the step's length. */
  async patterns(query: PatternsQuery, context: QueryContext): Promise<PatternSeries[]> {
    const shapes = new ShapeTable();
    const counts = new Map<Shape, Map<string, Map<number, number>>>();
    await eachLine(query, this.#source, context, ({ text, timeNs, labels }) => {
      const shape = shapes.add(text);
      const level = labels.get(LEVEL_LABEL) ?? "";
      const byLevel = entryOf(counts, shape, () => new Map<string, Map<number, number>>());
      const bySteps = entryOf(byLevel, level, () => new Map<number, number>());
      const step = Number(timeNs / query.stepNs);
      bySteps.set(step, (bySteps.get(step) ?? 0) + 1);
    });
    const series = new Map<
      string,
      { pattern: string; level: string; example: string; sum: Map<number, number> }
    >();
    for (const group of groupShapes(shapes.all)) {
      const pattern = patternText(group);
      for (const shape of group) {
        for (const [level, steps] of counts.get(shape) ?? []) {
          const { sum } = entryOf(series, `${level}\u0000${pattern}`, () => ({
            pattern,
            level,
            example: shape.example,
            sum: new Map<number, number>(),
          }));
          for (const [step, count] of steps) sum.set(step, (sum.get(step) ?? 0) + count);
        }
      }
    }
    return [...series.values()]
      .map(({ pattern, level, example, sum }) => ({
        pattern,
        level,
        example,
        counts: sum,
        count: [...sum.values()].reduce((total, count) => total + count, 0),
      }))
      .sort((a, b) => b.count - a.count);
  }
}

export interface SlotDistribution {
  /** Lines that have the pattern. */
  readonly lines: number;
  /** Different values, up to SLOT_VALUES_MAX; `isCut` when there were more. */
  readonly distinct: number;
  readonly isCut: boolean;
  /** The most frequent values first. */
  readonly top: readonly { readonly value: string; readonly count: number }[];
  /** Of the values that are numbers, when most are. */
  readonly numbers: { readonly min: number; readonly max: number; readonly mean: number } | undefined;
}

/** Different values of a slot that are told apart. */
const SLOT_VALUES_MAX = 100_000;

/** What stands in one wildcard of a pattern, counted from 0, and how often. */
export async function querySlot(
  query: PatternsQuery & { readonly pattern: string; readonly slot: number; readonly limit: number },
  source: LogSource,
  context: QueryContext,
): Promise<SlotDistribution> {
  const counts = new Map<string, number>();
  let lines = 0;
  let isCut = false;
  let numbers = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  await eachLine(query, source, context, ({ text }) => {
    const value = slotValues(query.pattern, text)?.[query.slot];
    if (value === undefined) return;
    lines++;
    if (counts.has(value) || counts.size < SLOT_VALUES_MAX) counts.set(value, (counts.get(value) ?? 0) + 1);
    else isCut = true;
    const number = /^[+-]?\d+(?:\.\d+)?/.exec(value)?.[0];
    if (number === undefined) return;
    numbers++;
    sum += Number(number);
    min = Math.min(min, Number(number));
    max = Math.max(max, Number(number));
  });
  const top = [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
    .slice(0, query.limit);
  const isNumeric = numbers > 0 && numbers * 2 > lines;
  return {
    lines,
    distinct: counts.size,
    isCut,
    top,
    numbers: isNumeric ? { min, max, mean: sum / numbers } : undefined,
  };
}

async function eachLine(
  { expr, startNs, endNs }: PatternsQuery,
  source: LogSource,
  context: QueryContext,
  visit: (line: Line) => void,
): Promise<void> {
  const pipeline = compilePipeline(expr);
  const selection = { matchers: expr.matchers, startNs, endNs, hints: pipeline.hints };
  using set = await source.select({ ...selection, direction: "forward" }, context);
  const line = new Line({ detectsLevel: true });
  const stats = newStats();
  for (let stream = 0; stream < set.streams.length; stream++) {
    line.setStream(set.streams[stream]!);
    for (const block of set.read(stream, context)) {
      context.check();
      walkBlock(pipeline, block, line, stats, {
        isBackward: false,
        onLine: (passed) => {
          visit(passed);
          return true;
        },
      });
    }
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = create()));
  return value;
}
