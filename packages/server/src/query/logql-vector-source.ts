/** LogQL's metric queries as vectors of PromQL: what `logs(…)` evaluates. */
import type { LogEngine } from "@binnacle/logs/engine";
import {
  BinnacleError,
  setStaleAt,
  wordsOf,
  type ForeignGrid,
  type ForeignVectorSource,
  type LogSource,
  type QueryContext,
  type ResultSeries,
  type SeriesColumns,
  type SeriesSet,
} from "@binnacle/model";

export class LogqlVectorSource implements ForeignVectorSource {
  readonly #engine: () => Promise<LogEngine>;
  readonly #logs: LogSource;

  constructor(engine: () => Promise<LogEngine>, logs: LogSource) {
    this.#engine = engine;
    this.#logs = logs;
  }

  async select(query: string, grid: ForeignGrid, context: QueryContext): Promise<SeriesSet> {
    const { startMs, stepMs, count } = grid;
    const range = {
      query,
      startNs: toNs(startMs),
      endNs: toNs(startMs + (count - 1) * stepMs),
      stepMs,
      limit: 1,
      direction: "forward" as const,
    };
    const { value } = await (await this.#engine()).range(range, this.#logs, context);
    if (value.type !== "matrix") {
      throw new BinnacleError("PARSE_ERROR", "logs() takes a LogQL metric query, not one of lines");
    }
    const series = value.series.map((one) => onGrid(one, grid));
    context.chargeSamples(series.length * count);
    return { seriesCount: series.length, read: () => series, [Symbol.dispose]: () => undefined };
  }
}

function toNs(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n;
}

function onGrid(
  { labels, times, values }: ResultSeries,
  { startMs, stepMs, count }: ForeignGrid,
): SeriesColumns {
  const column = new Float64Array(count);
  const words = wordsOf(column);
  for (let step = 0; step < count; step++) setStaleAt(words, step);
  times.forEach((timeMs, i) => {
    column[Math.round((timeMs - startMs) / stepMs)] = values[i]!;
  });
  return {
    labels,
    times: Float64Array.from({ length: count }, (_, step) => startMs + step * stepMs),
    values: column,
    startTimes: undefined,
    histograms: undefined,
  };
}
