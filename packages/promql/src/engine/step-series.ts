/**
 * One series of a vector over all steps: a dense column. What a step holds stands in `kinds`, since NaN is a
 * value and cannot mean absence.
 */
import type { Labels } from "@binnacle/model";
import type { NativeHistogram } from "./histogram/native-histogram.ts";

export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

export interface StepSeries {
  readonly labels: Labels;
  /** The metric name is still among the labels but is to be dropped at the end (delayed name removal). */
  readonly dropName: boolean;
  /** By step: ABSENT, FLOAT or HISTOGRAM. */
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  /** By step; undefined for a series without a histogram. */
  readonly histograms: readonly (NativeHistogram | undefined)[] | undefined;
}

export type Value =
  | { readonly type: "scalar"; readonly values: Float64Array }
  | { readonly type: "string"; readonly value: string }
  | VectorValue;

export interface VectorValue {
  readonly type: "vector";
  /** For an instant query their order is the answer's order. */
  readonly series: readonly StepSeries[];
}

/** Bytes that a series of so many steps holds, for the budget of a query. */
export function bytesOfSteps(count: number): number {
  return count * 9 + 128;
}

/** A series being filled, step by step in any order. */
export class StepColumns {
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  #histograms: (NativeHistogram | undefined)[] | undefined;
  #isEmpty = true;

  constructor(count: number) {
    this.kinds = new Uint8Array(count);
    this.values = new Float64Array(count);
  }

  get histograms(): (NativeHistogram | undefined)[] | undefined {
    return this.#histograms;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** To be said by whoever stores floats into `kinds` and `values` directly. */
  noteFloats(): void {
    this.#isEmpty = false;
  }

  /** Empties it, to be filled with another series. */
  clear(): void {
    this.kinds.fill(ABSENT);
    this.#histograms = undefined;
    this.#isEmpty = true;
  }

  setFloat(step: number, value: number): void {
    this.kinds[step] = FLOAT;
    this.values[step] = value;
    this.#isEmpty = false;
  }

  setHistogram(step: number, histogram: NativeHistogram): void {
    this.kinds[step] = HISTOGRAM;
    this.#histograms ??= [];
    this.#histograms[step] = histogram;
    this.#isEmpty = false;
  }

  /** Copies one step of another series, whatever it holds. */
  copy(step: number, from: StepSeries, fromStep: number): void {
    const kind = from.kinds[fromStep];
    if (kind === FLOAT) this.setFloat(step, from.values[fromStep]!);
    else if (kind === HISTOGRAM) this.setHistogram(step, from.histograms![fromStep]!);
  }

  toSeries(labels: Labels, dropName: boolean): StepSeries {
    return { labels, dropName, kinds: this.kinds, values: this.values, histograms: this.#histograms };
  }
}
