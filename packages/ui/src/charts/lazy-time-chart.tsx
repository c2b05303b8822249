/** The chart as its own chunk: the page's frame is on the screen before it has arrived. */
import { lazy, Suspense, type ReactNode } from "react";
import type { TimeChartProps } from "./time-chart.tsx";

const TimeChart = lazy(() => import("./time-chart.tsx"));

export function LazyTimeChart(props: TimeChartProps): ReactNode {
  return (
    <Suspense fallback={<div style={{ height: props.height }} />}>
      <TimeChart {...props} />
    </Suspense>
  );
}
