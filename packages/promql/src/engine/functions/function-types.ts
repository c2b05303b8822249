/** What a function's implementation is, and the common shapes: element by element, and window by window. */
import type { CallExpr } from "../../parser/index.ts";
import { METRIC_NAME } from "@binnacle/model";
import { typeOf } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StepGrid } from "../grid.ts";
import { mergeEqual, refuseDuplicates } from "../names.ts";
import { Window, type RangeInput, type RangeSeries } from "../range-input.ts";
import { FLOAT, type StepColumns, type StepSeries, type Value } from "../step-series.ts";

export type FunctionImplementation = (call: CallExpr, grid: StepGrid, evaluation: Evaluation) => Value;

/** A function of one float: histograms have no value under it. */
export function elementwise(map: (value: number) => number): FunctionImplementation {
  return (call, grid, evaluation) => mapFloats(call, grid, evaluation, map);
}

/** Maps the floats of the first argument; `step` lets other arguments differ by step. */
export function mapFloats(
  call: CallExpr,
  grid: StepGrid,
  evaluation: Evaluation,
  map: (value: number, step: number) => number | undefined,
): Value {
  const input = evaluation.evaluateVector(call.args[0]!, grid);
  const result: StepSeries[] = [];
  for (const { labels, kinds, values } of input.series) {
    evaluation.context.check();
    const columns = evaluation.columns(grid);
    for (let step = 0; step < grid.count; step++) {
      if (kinds[step] !== FLOAT) continue;
      const value = map(values[step]!, step);
      if (value !== undefined) columns.setFloat(step, value);
    }
    if (!columns.isEmpty) result.push(evaluation.renamed(columns, labels));
  }
  return vectorOf(result, evaluation);
}

/**
 * A vector of series that lost their names, which may have made two of them equal: one then, if they share no
 * step.
 */
export function vectorOf(series: readonly StepSeries[], evaluation: Evaluation): Value {
  return { type: "vector", series: evaluation.delaysNameRemoval ? series : mergeEqual(series) };
}

export interface RangeCall {
  readonly call: CallExpr;
  readonly grid: StepGrid;
  readonly evaluation: Evaluation;
  readonly input: RangeInput;
  /** The scalar argument at a place of the call, by step. */
  readonly scalar: (argument: number) => Float64Array;
}

/** Decides one step of one series. Nothing stored means nothing there. */
export type WindowKernel = (window: Window, step: number, out: StepColumns) => void;

/** Made once a call, then once a series: what a kernel prepares it prepares there. */
export type KernelFactory = (call: RangeCall) => (series: RangeSeries) => WindowKernel;

/** A function of a range vector. */
export function overRange(
  factory: KernelFactory,
  options: { readonly keepsName?: boolean } = {},
): FunctionImplementation {
  return (call, grid, evaluation) => {
    const rangeArgument = call.args.find((arg) => typeOf(arg) === "matrix")!;
    const input = evaluation.evaluateRange(rangeArgument, grid);
    const scalars = new Map<number, Float64Array>();
    const kernelOf = factory({
      call,
      grid,
      evaluation,
      input,
      scalar(argument) {
        let column = scalars.get(argument);
        if (column === undefined) {
          column = evaluation.evaluateScalar(call.args[argument]!, grid);
          scalars.set(argument, column);
        }
        return column;
      },
    });
    const result: StepSeries[] = [];
    for (const series of input.series) {
      evaluation.context.check();
      const columns = evaluation.columns(grid);
      const kernel = kernelOf(series);
      const window = new Window(series);
      for (let step = 0; step < grid.count; step++) {
        const endMs = input.ends[step]!;
        window.moveTo(endMs - input.rangeMs, endMs);
        if (input.extension !== undefined || !window.isEmpty) kernel(window, step, columns);
      }
      if (columns.isEmpty) continue;
      result.push(
        options.keepsName === true
          ? columns.toSeries(series.labels, series.dropName)
          : evaluation.renamed(columns, series.labels),
      );
    }
    // Unlike elsewhere, two series that become equal here are refused even where they share no step.
    if (!evaluation.delaysNameRemoval) refuseDuplicates(result);
    return { type: "vector", series: result };
  };
}

export function metricNameOf(series: RangeSeries | StepSeries): string {
  return series.labels.get(METRIC_NAME);
}
