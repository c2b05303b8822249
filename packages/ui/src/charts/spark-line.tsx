/** A line without axes, in SVG: shows a course, not values. */
import type { ReactNode } from "react";
import type { Values } from "./chart-data.ts";
import { SPARK_HEIGHT, SPARK_WIDTH, sparkPath } from "./spark-path.ts";

export function SparkLine({ values, color }: { readonly values: Values; readonly color: string }): ReactNode {
  return (
    <svg
      className="spark-line"
      viewBox={`0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`}
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
