/** Series over the steps of a query, as columns. */
import type { Labels } from "@binnacle/model";

/** The moments a query is evaluated at: start, start + step, … */
export interface Steps {
  readonly startNs: bigint;
  readonly stepNs: bigint;
  readonly count: number;
}

/** A value a step; where `present` is 0 there is none. */
export interface GridSeries {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly present: Uint8Array;
}

export type Grid = readonly GridSeries[];

/** What an expression gives: a number that is the same at all steps, or series. */
export type Evaluated =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "grid"; readonly series: Grid };

export function newSeries(labels: Labels, count: number): GridSeries {
  return { labels, values: new Float64Array(count), present: new Uint8Array(count) };
}

export function stepMs(steps: Steps, i: number): number {
  return Number((steps.startNs + steps.stepNs * BigInt(i)) / 1_000_000n);
}
