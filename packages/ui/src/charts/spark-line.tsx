/** A line without axes, in SVG: shows a course, not values. */
import type { ReactNode } from "react";
import type { Values } from "./chart-data.ts";

const WIDTH = 120;
const HEIGHT = 22;

export function SparkLine({ values, color }: { readonly values: Values; readonly color: string }): ReactNode {
  return (
    <svg
      className="spark-line"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path
        d={sparkPath(values)}
        fill="none"
        stroke={`var(${color})`}
        strokeWidth="1.4"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

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
    const x = values.length < 2 ? 0 : (index / (values.length - 1)) * WIDTH;
    const y = HEIGHT - 1 - (Math.max(0, value) / max) * (HEIGHT - 3);
    path += `${isDown ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    isDown = true;
  });
  return path;
}
