/**
 * One series of a vector over all steps: a dense column. What a step holds stands in `kinds`, since NaN is a
 * value and cannot mean absence.
 */
import { ColumnSlab, type Labels } from "@binnacle/model";
import type { NativeHistogram } from "./histogram/native-histogram.ts";

export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/** Steps `from` up to and without `to`. */
export interface StepRun {
  readonly from: number;
  readonly to: number;
}

/** Where floats stand, worked out once for all series of which it is true. */
export interface FloatSteps {
  /** By step: FLOAT or ABSENT. */
  readonly kinds: Uint8Array;
  /** All steps with a float, where they have no gap. */
  readonly run: StepRun | undefined;
  readonly isEmpty: boolean;
}

export function floatSteps(kinds: Uint8Array): FloatSteps {
  const from = kinds.indexOf(FLOAT);
  const to = kinds.lastIndexOf(FLOAT) + 1;
  const hasGap = kinds.subarray(Math.max(0, from), to).includes(ABSENT);
  return { kinds, run: from < 0 || hasGap ? undefined : { from, to }, isEmpty: from < 0 };
}

export interface StepSeries {
  readonly labels: Labels;
  /** The metric name is still among the labels but is to be dropped at the end (delayed name removal). */
  readonly dropName: boolean;
  /** By step: ABSENT, FLOAT or HISTOGRAM. */
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  /** By step; undefined for a series without a histogram. */
  readonly histograms: readonly (NativeHistogram | undefined)[] | undefined;
  /**
   * Floats stand at these steps, and nothing elsewhere: a short cut. Undefined: `kinds` has to be looked at.
   */
  readonly run: StepRun | undefined;
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

/** Where a query cuts its columns from. */
export class StepSlabs {
  readonly values = new ColumnSlab();
  readonly #kinds = new ColumnSlab();

  kinds(count: number): Uint8Array {
    const words = this.#kinds.take((count + 7) >>> 3);
    return new Uint8Array(words.buffer, words.byteOffset, count);
  }
}

/** A series being filled, step by step in any order. */
export class StepColumns {
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  #histograms: (NativeHistogram | undefined)[] | undefined;
  #isEmpty = true;
  #shared: FloatSteps | undefined;

  /** `slabs`: where the columns are cut from; by default they are arrays of their own. */
  constructor(count: number, slabs?: StepSlabs) {
    this.kinds = slabs === undefined ? new Uint8Array(count) : slabs.kinds(count);
    this.values = slabs === undefined ? new Float64Array(count) : slabs.values.take(count);
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

  /** To be said by whoever stored floats into `values` at these steps and touched nothing else. */
  fillAt(steps: FloatSteps): void {
    this.#shared = steps;
    this.#isEmpty = steps.isEmpty;
  }

  kindAt(step: number): number {
    return (this.#shared === undefined ? this.kinds : this.#shared.kinds)[step]!;
  }

  /** Empties it, to be filled with another series. */
  clear(): void {
    if (this.#shared === undefined) this.kinds.fill(ABSENT);
    this.#shared = undefined;
    this.#histograms = undefined;
    this.#isEmpty = true;
  }

  setFloat(step: number, value: number): void {
    if (this.#shared !== undefined) this.#ownKinds(this.#shared);
    this.kinds[step] = FLOAT;
    this.values[step] = value;
    this.#isEmpty = false;
  }

  setHistogram(step: number, histogram: NativeHistogram): void {
    if (this.#shared !== undefined) this.#ownKinds(this.#shared);
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

  #ownKinds(shared: FloatSteps): void {
    this.kinds.set(shared.kinds);
    this.#shared = undefined;
  }

  toSeries(labels: Labels, dropName: boolean): StepSeries {
    const shared = this.#shared;
    return {
      labels,
      dropName,
      kinds: shared === undefined ? this.kinds : shared.kinds,
      values: this.values,
      histograms: this.#histograms,
      run: shared?.run,
    };
  }
}
