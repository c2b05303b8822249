import { expect, test } from "vitest";
import { seededRandom } from "../../parser/random-query.ts";
import { quantileOf } from "../aggregations/quantile.ts";
import { meanOf } from "../compensated-sum.ts";
import { findWindows } from "../sample-windows.ts";
import { FLOAT, StepColumns } from "../step-series.ts";
import { movingExtremes } from "./moving-extreme.ts";
import { movingQuantiles } from "./moving-quantile.ts";
import { movingSums, sumOf } from "./moving-sum.ts";
import { ScratchColumn } from "./scratch-column.ts";

const ODD = [NaN, Infinity, -Infinity, -0, 1e308, -1e308, 1e-308];

function largest(values: Float64Array): number {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.length === 0 ? NaN : Math.max(...numbers);
}

/** Compensation, too, is rounded: by the square of a rounding of the largest value. */
function agree(got: number, wanted: number, window: Float64Array): boolean {
  if (got === wanted || (Number.isNaN(got) && Number.isNaN(wanted))) return true;
  const size = largest(window.map(Math.abs));
  return Math.abs(got - wanted) <= 1e-13 * Math.max(Math.abs(got), Math.abs(wanted)) + 1e-29 * size;
}

test("what moves from window to window is what each window says of itself", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const oddShare = seed % 4 === 0 ? 0.05 : 0;
    let timeMs = 0;
    const times = Float64Array.from({ length: 80 }, () => (timeMs += random() < 0.1 ? 300 : 15));
    const scale = 10 ** Math.floor(random() * 18);
    const values = Float64Array.from({ length: 80 }, () =>
      random() < oddShare
        ? ODD[Math.floor(random() * ODD.length)]!
        : Math.round((random() - 0.4) * 40) * (random() < 0.1 ? scale : 0.1),
    );
    const stepMs = 1 + Math.floor(random() * 40);
    const ends = Float64Array.from({ length: 120 }, (_, step) => step * stepMs);
    const windows = findWindows(times, ends, 1 + Math.floor(random() * 500));
    const run = (fill: (out: StepColumns) => void): StepColumns => {
      const out = new StepColumns(ends.length);
      fill(out);
      return out;
    };
    const scratch = { tails: new ScratchColumn(), losses: new ScratchColumn() };
    const quantiles = new Float64Array(ends.length).fill(0.3);
    const sums = run((out) => movingSums(values, windows, out, { of: "sum", ...scratch }));
    const means = run((out) => movingSums(values, windows, out, { of: "mean", ...scratch }));
    const largests = run((out) =>
      movingExtremes(values, windows, out, { of: "max", scratch: scratch.tails }),
    );
    const smallests = run((out) =>
      movingExtremes(values, windows, out, { of: "min", scratch: scratch.tails }),
    );
    const medians = run((out) => movingQuantiles(values, windows, quantiles, out));
    for (let step = 0; step < ends.length; step++) {
      const [from, to] = [windows.from[step]!, windows.to[step]!];
      expect(windows.steps.kinds[step] === FLOAT, `seed ${seed}`).toBe(to > from);
      if (to === from) continue;
      const window = values.slice(from, to);
      const got = [sums, means, largests, smallests, medians].map((out) => out.values[step]!);
      const wanted = [
        sumOf(values, from, to),
        meanOf(values, from, to),
        largest(window),
        -largest(window.map((value) => -value)),
        quantileOf(0.3, window),
      ];
      const same = got.every((value, i) => agree(value, wanted[i]!, window));
      expect(same, `seed ${seed}, step ${step}: ${got.join(" ")} for ${wanted.join(" ")}`).toBe(true);
    }
  }
});
