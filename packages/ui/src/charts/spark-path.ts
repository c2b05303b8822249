/** The drawing of a course without axes. */
import type { Values } from "./chart-data.ts";

export const SPARK_WIDTH = 120;
export const SPARK_HEIGHT = 22;

/** An SVG path from zero to the greatest value; gaps lift the pen. */
export function sparkPath(values: Values): string {
  const max = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  let path = "";
  let isDown = false;
  values.forEach((value, index) => {
    if (value === null) {
      isDown = false;
      return;
    }
    const x = values.length < 2 ? 0 : (index / (values.length - 1)) * SPARK_WIDTH;
    const y = SPARK_HEIGHT - 1 - (Math.max(0, value) / max) * (SPARK_HEIGHT - 3);
    path += `${isDown ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    isDown = true;
  });
  return path;
}
