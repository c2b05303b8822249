/** The series a query reads: selected once for equal needs, before anything is evaluated. */
import {
  BinnacleError,
  compareLabels,
  type ForeignVectorSource,
  type MetricSource,
  type QueryContext,
  type SeriesSet,
} from "@binnacle/model";
import type { VectorSelector } from "../parser/index.ts";
import { toLoadedSeries, type LoadedSeries } from "./loaded-series.ts";
import type { SelectorNeed } from "./plan.ts";
import { withResolvedResets } from "./resolved-resets.ts";
import type { Streaming } from "./streaming.ts";

interface Load {
  readonly set: SeriesSet;
  /** Selectors that share it. */
  users: number;
  series: readonly LoadedSeries[] | undefined;
}

export class Loads implements Disposable {
  readonly #context: QueryContext;
  readonly #byNeed = new Map<string, Load>();
  readonly #bySelector = new Map<VectorSelector, Load>();
  readonly #statistics: ReadonlySet<VectorSelector>;

  /** `statistics`: selectors whose histograms must say outright whether their counters were reset. */
  constructor(context: QueryContext, statistics: ReadonlySet<VectorSelector>) {
    this.#context = context;
    this.#statistics = statistics;
  }

  async await(
    needs: ReadonlyMap<VectorSelector, SelectorNeed>,
    source: MetricSource,
    foreign: ForeignVectorSource | undefined,
  ): Promise<void> {
    for (const [selector, need] of needs) {
      const key = JSON.stringify([need.matchers, need.startMs, need.endMs, need.foreign]);
      let load = this.#byNeed.get(key);
      if (load === undefined) {
        load = { set: await this.#select(need, source, foreign), users: 0, series: undefined };
        this.#byNeed.set(key, load);
        this.#context.chargeSeries(load.set.seriesCount);
      }
      load.users++;
      this.#bySelector.set(selector, load);
    }
  }

  #select(
    { foreign: asked, ...need }: SelectorNeed,
    source: MetricSource,
    foreign: ForeignVectorSource | undefined,
  ): Promise<SeriesSet> {
    if (asked === undefined) return source.select(need, this.#context);
    if (foreign === undefined) {
      throw new BinnacleError("NOT_EVALUATED", "logs() has no logs to ask here");
    }
    return foreign.select(asked.query, asked.grid, this.#context);
  }

  /** Series of a selector, those without a sample in its range among them. */
  countOf(selector: VectorSelector): number {
    return this.#bySelector.get(selector)?.set.seriesCount ?? 0;
  }

  /** In label order; read when first asked for, kept until the end. */
  get(selector: VectorSelector): readonly LoadedSeries[] {
    const load = this.#loadOf(selector);
    load.series ??= this.#readAll(load.set);
    return this.#statistics.has(selector) ? load.series.map(withResolvedResets) : load.series;
  }

  /**
   * One by one, each until the next is asked for: those that nobody needs in order, or again, are not kept.
   */
  *stream(selector: VectorSelector, streaming: Streaming): IterableIterator<LoadedSeries> {
    const { isAnyOrder, presenceOnly } = streaming;
    const load = this.#loadOf(selector);
    if (!isAnyOrder || load.users > 1 || this.#statistics.has(selector)) {
      yield* this.get(selector);
      return;
    }
    const use = presenceOnly === true ? "presence" : "pass";
    for (const columns of load.set.read(this.#context, use)) yield toLoadedSeries(columns);
  }

  #loadOf(selector: VectorSelector): Load {
    const load = this.#bySelector.get(selector);
    if (load === undefined) throw new Error("BUG: a selector was not planned");
    return load;
  }

  #readAll(set: SeriesSet): readonly LoadedSeries[] {
    const series: LoadedSeries[] = [];
    for (const columns of set.read(this.#context)) series.push(toLoadedSeries(columns));
    return series.sort((a, b) => compareLabels(a.labels, b.labels));
  }

  [Symbol.dispose](): void {
    for (const { set } of this.#byNeed.values()) set[Symbol.dispose]();
  }
}
