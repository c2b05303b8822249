/** Functions that give scalars, and the ways between scalars and vectors. */
import { Labels } from "@binnacle/model";
import type { FunctionImplementation } from "./function-types.ts";
import type { QueryFrame } from "../query-frame.ts";
import { timeAt } from "../grid.ts";
import { FLOAT } from "../step-series.ts";

function constant(valueOf: (frame: QueryFrame) => number): FunctionImplementation {
  return (_call, grid, { frame }) => ({
    type: "scalar",
    values: new Float64Array(grid.count).fill(valueOf(frame)),
  });
}

export const pi = constant(() => Math.PI);
export const start = constant((frame) => frame.startMs / 1000);
export const end = constant((frame) => frame.endMs / 1000);
export const step = constant((frame) => frame.stepMs / 1000);
export const range = constant((frame) => (frame.endMs - frame.startMs) / 1000);

export const time: FunctionImplementation = (_call, grid) => ({
  type: "scalar",
  values: Float64Array.from({ length: grid.count }, (_, i) => timeAt(grid, i) / 1000),
});

function ofTwo(choose: (a: number, b: number) => number): FunctionImplementation {
  return (call, grid, evaluation) => {
    const a = evaluation.evaluateScalar(call.args[0]!, grid);
    const b = evaluation.evaluateScalar(call.args[1]!, grid);
    return { type: "scalar", values: a.map((value, i) => choose(value, b[i]!)) };
  };
}

export const minOf = ofTwo(Math.min);
export const maxOf = ofTwo(Math.max);

export const vector: FunctionImplementation = (call, grid, evaluation) => {
  const values = evaluation.evaluateScalar(call.args[0]!, grid);
  const kinds = new Uint8Array(grid.count).fill(FLOAT);
  const series = {
    labels: Labels.EMPTY,
    dropName: false,
    kinds,
    values,
    histograms: undefined,
    run: undefined,
  };
  return { type: "vector", series: [series] };
};

/** The value of the one float there is; NaN where there is none or are several. */
export const scalar: FunctionImplementation = (call, grid, evaluation) => {
  const { series } = evaluation.evaluateVector(call.args[0]!, grid);
  const values = new Float64Array(grid.count).fill(NaN);
  const counts = new Uint32Array(grid.count);
  for (const one of series) {
    for (let i = 0; i < grid.count; i++) {
      if (one.kinds[i] !== FLOAT) continue;
      counts[i]!++;
      values[i] = counts[i] === 1 ? one.values[i]! : NaN;
    }
  }
  return { type: "scalar", values };
};
