/**
 * Which exemplars are taken. A scrape repeats a series' exemplar until there is another, so one with the
 * labels and the value of the series' last is the same and is dropped; what is refused is counted by its
 * reason.
 */
import { wordsOf, type Counter, type Exemplar, type Labels } from "@binnacle/model";
import type { StoredExemplar } from "./exemplar-ring.ts";
import { EXEMPLAR_CHARACTERS_MAX, EXEMPLARS_MAX } from "./limits.ts";

export type ExemplarRejectReason =
  | "unknown_series"
  | "labels_too_long"
  | "too_old"
  | "too_far_in_future"
  | "out_of_order";

export interface ExemplarBounds {
  readonly nowMs: number;
  readonly retentionMs: number;
  readonly futureMsMax: number;
}

export class ExemplarIntake {
  readonly #rejected: Counter;
  /** By the key of its series' labels. */
  readonly #last = new Map<string, StoredExemplar>();

  constructor(rejected: Counter) {
    this.#rejected = rejected;
  }

  /**
   * What is to be stored; undefined for a repeat, and where it is refused. `series` is undefined if
   * unknown.
   */
  judge(exemplar: Exemplar, series: Labels | undefined, bounds: ExemplarBounds): StoredExemplar | undefined {
    const { labels, value, timeMs } = exemplar;
    if (series === undefined) return this.#reject("unknown_series");
    if (charactersOf(labels) > EXEMPLAR_CHARACTERS_MAX) return this.#reject("labels_too_long");
    if (timeMs > bounds.nowMs + bounds.futureMsMax) return this.#reject("too_far_in_future");
    if (timeMs < bounds.nowMs - bounds.retentionMs) return this.#reject("too_old");
    const key = series.key();
    const last = this.#last.get(key);
    if (last !== undefined) {
      if (sameValue(last.value, value) && last.labels.equals(labels)) return undefined;
      if (timeMs < last.timeMs) return this.#reject("out_of_order");
    }
    const taken = { series, labels, value, timeMs };
    // More series than exemplars are kept of cannot all have their last here.
    if (this.#last.size >= EXEMPLARS_MAX) this.#last.clear();
    this.#last.set(key, taken);
    return taken;
  }

  /** What was deleted may come again. */
  forget(): void {
    this.#last.clear();
  }

  #reject(reason: ExemplarRejectReason): undefined {
    this.#rejected.inc({ reason });
    return undefined;
  }
}

/** Unicode characters of all names and values, as OpenMetrics counts them. */
function charactersOf(labels: Labels): number {
  let count = 0;
  for (const text of labels.pairs) count += Array.from(text).length;
  return count;
}

function sameValue(a: number, b: number): boolean {
  const words = wordsOf(Float64Array.of(a, b));
  return words[0] === words[2] && words[1] === words[3];
}
