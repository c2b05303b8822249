/** A metric query over logs, drawn. */
import { useMemo, useState, type ReactNode } from "react";
import type { RangeAnswer } from "../../api/metrics-api.ts";
import { LazyTimeChart } from "../../charts/lazy-time-chart.tsx";
import { Empty } from "../../components/notice.tsx";
import { matrixChart } from "../metrics/matrix-chart.ts";
import { hiddenAfterPick } from "../metrics/legend-pick.ts";
import { SeriesLegend } from "../metrics/series-legend.tsx";

interface LogMatrixProps {
  readonly answer: RangeAnswer;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

const HEIGHT = 320;

export function LogMatrix({ answer, onZoom }: LogMatrixProps): ReactNode {
  const { chart, distinct } = useMemo(() => matrixChart(answer), [answer]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [focusKey, setFocusKey] = useState<string | undefined>(undefined);
  const [hoverIndex, setHoverIndex] = useState<number | undefined>(undefined);
  const shown = useMemo(
    () => ({ ...chart, series: chart.series.filter(({ key }) => !hidden.has(key)) }),
    [chart, hidden],
  );
  if (chart.series.length === 0) return <Empty title="No series in this range." />;
  return (
    <div className="log-matrix">
      <LazyTimeChart
        data={shown}
        kind="lines"
        unit="number"
        window={answer.question}
        height={HEIGHT}
        isFilled={shown.series.length === 1}
        focusKey={focusKey}
        label={`Graph of ${answer.question.query}`}
        onZoom={onZoom}
        onHover={setHoverIndex}
      />
      <SeriesLegend
        series={chart.series}
        distinct={distinct}
        hidden={hidden}
        unit="number"
        hoverIndex={hoverIndex}
        onFocus={setFocusKey}
        onPick={(key, adds) => {
          setHidden(
            hiddenAfterPick(
              chart.series.map((series) => series.key),
              hidden,
              { key, adds },
            ),
          );
        }}
      />
    </div>
  );
}
