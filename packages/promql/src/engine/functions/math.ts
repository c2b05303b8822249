/** Functions of one number: rounding, logarithms, trigonometry, clamps. */
import { elementwise, mapFloats, type FunctionImplementation } from "./function-types.ts";

const { PI } = Math;

export const abs = elementwise(Math.abs);
export const acos = elementwise(Math.acos);
export const acosh = elementwise(Math.acosh);
export const asin = elementwise(Math.asin);
export const asinh = elementwise(Math.asinh);
export const atan = elementwise(Math.atan);
export const atanh = elementwise(Math.atanh);
export const ceil = elementwise(Math.ceil);
export const cos = elementwise(Math.cos);
export const cosh = elementwise(Math.cosh);
export const deg = elementwise((value) => (value * 180) / PI);
export const exp = elementwise(Math.exp);
export const floor = elementwise(Math.floor);
export const ln = elementwise(Math.log);
export const log10 = elementwise(Math.log10);
export const log2 = elementwise(Math.log2);
export const rad = elementwise((value) => (value * PI) / 180);
export const sgn = elementwise((value) => (value < 0 ? -1 : value > 0 ? 1 : value));
export const sin = elementwise(Math.sin);
export const sinh = elementwise(Math.sinh);
export const sqrt = elementwise(Math.sqrt);
export const tan = elementwise(Math.tan);
export const tanh = elementwise(Math.tanh);

/** To the nearest multiple, halves up. The inverse is multiplied with, which loses less. */
export const round: FunctionImplementation = (call, grid, evaluation) => {
  const nearest = call.args.length > 1 ? evaluation.evaluateScalar(call.args[1]!, grid) : undefined;
  return mapFloats(call, grid, evaluation, (value, step) => {
    const inverse = 1 / (nearest === undefined ? 1 : nearest[step]!);
    return Math.floor(value * inverse + 0.5) / inverse;
  });
};

/** As IEEE 754 and Go have it: an infinity that decides the comparison does so against NaN too. */
function larger(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

function smaller(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);
}

function clampWith(
  low: (scalars: Float64Array[], step: number) => number,
  high: (scalars: Float64Array[], step: number) => number,
): FunctionImplementation {
  return (call, grid, evaluation) => {
    const scalars = call.args.slice(1).map((arg) => evaluation.evaluateScalar(arg, grid));
    return mapFloats(call, grid, evaluation, (value, step) => {
      const least = low(scalars, step);
      const most = high(scalars, step);
      return most < least ? undefined : larger(least, smaller(most, value));
    });
  };
}

export const clamp = clampWith(
  (scalars, step) => scalars[0]![step]!,
  (scalars, step) => scalars[1]![step]!,
);
export const clampMin = clampWith(
  (scalars, step) => scalars[0]![step]!,
  () => Infinity,
);
export const clampMax = clampWith(
  () => -Infinity,
  (scalars, step) => scalars[0]![step]!,
);
