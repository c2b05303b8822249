/** The histogram over the lines. */
import type { ReactNode } from "react";
import { LazyTimeChart } from "../../charts/lazy-time-chart.tsx";
import { formatValue } from "../../charts/units.ts";
import { Select } from "../../components/choice.tsx";
import { ErrorNotice } from "../../components/notice.tsx";
import type { Volume } from "./use-logs.ts";
import { total } from "./volume-chart.ts";

interface VolumeProps {
  readonly volume: Volume | undefined;
  readonly error: unknown;
  readonly by: string;
  readonly names: readonly string[];
  readonly onBy: (label: string) => void;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

const HEIGHT = 108;

export function VolumeChart({ volume, error, by, names, onBy, onZoom }: VolumeProps): ReactNode {
  const labels = by === "" || names.includes(by) ? names : [by, ...names];
  return (
    <section className="volume" aria-label="Lines over time">
      <header>
        <ul className="chart-keys">
          {volume?.data.series.map((series) => (
            <li key={series.key}>
              <i className="swatch" style={{ background: `var(${series.color})` }} />
              {series.name} <b>{formatValue(total(series.values))}</b>
            </li>
          ))}
        </ul>
        <Select
          label="by"
          showsLabel
          value={by}
          options={labels.map((name) => ({ value: name, text: name }))}
          onChoose={onBy}
        />
      </header>
      {error !== null && error !== undefined ? <ErrorNotice error={error} what="No histogram." /> : null}
      {volume === undefined ? (
        <div style={{ height: HEIGHT }} />
      ) : (
        <LazyTimeChart
          data={volume.data}
          kind="bars"
          unit="number"
          window={volume.window}
          height={HEIGHT}
          yMin={0}
          label={`Lines by ${by}`}
          onZoom={onZoom}
        />
      )}
    </section>
  );
}
