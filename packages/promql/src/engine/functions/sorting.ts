/** Sorting, which has an effect on instant queries only. */
import { compareLabels, type Labels } from "@binnacle/model";
import { ABSENT, FLOAT, type StepSeries } from "../step-series.ts";
import type { FunctionImplementation } from "./function-types.ts";
import { compareNaturally } from "./natural-order.ts";

/** Histograms have no place in an order of values and are left out; NaN comes last either way. */
function byValue(direction: 1 | -1): FunctionImplementation {
  return (call, grid, evaluation) => {
    const input = evaluation.evaluateVector(call.args[0]!, grid);
    if (evaluation.frame.isRange) evaluation.annotations.sortInRangeQuery(call);
    const floats: StepSeries[] = [];
    for (const series of input.series) {
      if (series.histograms === undefined) {
        floats.push(series);
        continue;
      }
      const kinds = series.kinds.map((kind) => (kind === FLOAT ? FLOAT : ABSENT));
      floats.push({ ...series, kinds, histograms: undefined, run: undefined });
    }
    if (grid.count === 1) {
      floats.sort((a, b) => {
        const x = a.values[0]!;
        const y = b.values[0]!;
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
        return direction * (x < y ? -1 : x > y ? 1 : 0);
      });
    }
    return { type: "vector", series: floats };
  };
}

function byLabel(direction: 1 | -1): FunctionImplementation {
  return (call, grid, evaluation) => {
    const input = evaluation.evaluateVector(call.args[0]!, grid);
    if (evaluation.frame.isRange) evaluation.annotations.sortInRangeQuery(call);
    const names = call.args.slice(1).map((arg) => evaluation.evaluateString(arg));
    const compare = (a: Labels, b: Labels): number => {
      for (const name of names) {
        const order = compareNaturally(a.get(name), b.get(name));
        if (order !== 0) return order;
      }
      return compareLabels(a, b);
    };
    return {
      type: "vector",
      series: input.series.toSorted((a, b) => direction * compare(a.labels, b.labels)),
    };
  };
}

export const sort = byValue(1);
export const sortDesc = byValue(-1);
export const sortByLabel = byLabel(1);
export const sortByLabelDesc = byLabel(-1);
