/** What a function's implementation is, and the common shapes: element by element, and window by window. */
import type { CallExpr } from "../../parser/index.ts";
import { METRIC_NAME } from "@binnacle/model";
import { typeOf } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import { ByTimes, findWindows, type SampleWindows } from "../sample-windows.ts";
import { ColumnPool } from "../column-pool.ts";
import { IN_LABEL_ORDER, type Streaming } from "../streaming.ts";
import type { StepGrid } from "../grid.ts";
import { mergeEqual, UniqueLabels } from "../names.ts";
import { Window, type RangeInput, type RangeSeries } from "../range-input.ts";
import { FLOAT, type StepColumns, type StepSeries, type Value } from "../step-series.ts";

export interface FunctionImplementation {
  (call: CallExpr, grid: StepGrid, evaluation: Evaluation): Value;
  /** The same, series by series, where that can be done. */
  readonly stream?: (
    call: CallExpr,
    grid: StepGrid,
    evaluation: Evaluation,
    streaming: Streaming,
  ) => Iterable<StepSeries>;
}

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

/** Decides all steps of a series of floats at once. */
export type ColumnKernel = (series: RangeSeries, windows: SampleWindows, out: StepColumns) => void;

/** Made once a call; undefined where this call has to go window by window after all. */
export type ColumnKernelFactory = (
  call: RangeCall,
  windowsOf: (times: Float64Array) => SampleWindows,
) => ColumnKernel | undefined;

interface RangeOptions {
  readonly keepsName?: boolean;
  /** A faster way for series that are floats only, of windows that are not extended. */
  readonly columns?: ColumnKernelFactory;
}

/** A function of a range vector. */
export function overRange(factory: KernelFactory, options: RangeOptions = {}): FunctionImplementation {
  const stream = (call: CallExpr, grid: StepGrid, evaluation: Evaluation, streaming: Streaming) =>
    streamRange(factory, options, { call, grid, evaluation, streaming });
  const implementation: FunctionImplementation = (call, grid, evaluation) => ({
    type: "vector",
    series: [...stream(call, grid, evaluation, IN_LABEL_ORDER)],
  });
  return Object.assign(implementation, { stream });
}

interface StreamedCall {
  readonly call: CallExpr;
  readonly grid: StepGrid;
  readonly evaluation: Evaluation;
  readonly streaming: Streaming;
}

function* streamRange(
  factory: KernelFactory,
  options: RangeOptions,
  { call, grid, evaluation, streaming }: StreamedCall,
): IterableIterator<StepSeries> {
  const rangeArgument = call.args.find((arg) => typeOf(arg) === "matrix")!;
  const input = evaluation.evaluateRange(rangeArgument, grid, { ...streaming, presenceOnly: false });
  const scalars = new Map<number, Float64Array>();
  const rangeCall: RangeCall = {
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
  };
  const windows = new ByTimes(grid.count, (times) => findWindows(times, input.ends, input.rangeMs));
  const columnKernel =
    input.extension === undefined ? options.columns?.(rangeCall, (times) => windows.get(times)) : undefined;
  const kernelOf = factory(rangeCall);
  const unique = new UniqueLabels(evaluation.delaysNameRemoval);
  using pool = new ColumnPool(grid, evaluation, streaming);
  for (const series of input.series) {
    evaluation.context.check();
    const columns = pool.next();
    if (columnKernel !== undefined && series.histogramTimes.length === 0) {
      if (series.times.length > 0) columnKernel(series, windows.get(series.times), columns);
    } else {
      windowByWindow(kernelOf(series), series, input, columns);
    }
    if (columns.isEmpty) continue;
    const result =
      options.keepsName === true
        ? columns.toSeries(series.labels, series.dropName)
        : evaluation.renamed(columns, series.labels);
    unique.add(series.labels, result.labels);
    yield result;
  }
  // Unlike elsewhere, two series that become equal here are refused even where they share no step.
  unique.check();
}

function windowByWindow(
  kernel: WindowKernel,
  series: RangeSeries,
  input: RangeInput,
  columns: StepColumns,
): void {
  const window = new Window(series);
  for (let step = 0; step < input.ends.length; step++) {
    const endMs = input.ends[step]!;
    window.moveTo(endMs - input.rangeMs, endMs);
    if (input.extension !== undefined || !window.isEmpty) kernel(window, step, columns);
  }
}

export function metricNameOf(series: RangeSeries | StepSeries): string {
  return series.labels.get(METRIC_NAME);
}
