/** The node at a glance. */
import type { VectorSample } from "@binnacle/api";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { firstNumber } from "../../api/metrics-api.ts";
import { useFlatSearch } from "../../app/use-flat-search.ts";
import { total } from "../logs/volume-chart.ts";
import { formatValue } from "../../charts/units.ts";
import { Choice, Select } from "../../components/choice.tsx";
import { describeDuration, formatDuration, parseDuration } from "../../time/duration.ts";
import { encodeRange, draggedRange, lastSpan } from "../../time/range.ts";
import { useNow } from "../../time/use-now.ts";
import { HomeChart } from "./home-chart.tsx";
import { drawnWindow, vectorOf } from "./home-data.ts";
import { DiskList, FiringList, TargetList } from "./home-lists.tsx";
import type { HomePanel } from "./home-panels.ts";
import { metricsSearch } from "./metrics-search.ts";
import { Readings } from "./readings.tsx";
import { useHomeFact, useHomePanels, useLogVolume } from "./use-home.ts";
import "./home.css";

const SPANS_MS: readonly number[] = [5 * 60_000, 15 * 60_000, 3_600_000, 6 * 3_600_000, 86_400_000];
/**
 * Charts share what the other parts of the page leave of the screen, so that Home is one look and no
 * scrolling.
 */
const CHART_PX_MIN = 150;
const CHART_PX_MAX = 280;
const OTHER_PX = 432;

const SPAN_MS_DEFAULT = 15 * 60_000;

export default function HomePage(): ReactNode {
  const [search, setSearch] = useFlatSearch();
  const navigate = useNavigate();
  const spanMs = spanIn(search["range"]);
  const nodes = vectorOf(useHomeFact("nodes", undefined).data);
  const wanted = search["instance"];
  const node = nodes.find(({ metric }) => metric["instance"] === wanted) ?? nodes[0];
  const instance = node?.metric["instance"];
  const { data: disks } = useHomeFact("disks", instance);
  const { panels, grid } = useHomePanels(instance, spanMs);
  const { volume, error: volumeError } = useLogVolume(spanMs);
  const window = drawnWindow(
    panels.map(({ data }) => data),
    grid,
  );
  const range = lastSpan(spanMs);
  const height = Math.min(CHART_PX_MAX, Math.max(CHART_PX_MIN, Math.floor((innerHeight - OTHER_PX) / 2)));

  const openMetrics = (panel: HomePanel, next = range): void => {
    void navigate({ to: "/query", search: metricsSearch(panel, next) });
  };

  return (
    <>
      <div className="page-bar">
        <h1>{node?.metric["nodename"] ?? instance ?? "Home"}</h1>
        <NodeNote node={node} instance={instance} />
        <span className="grow" />
        {nodes.length < 2 || instance === undefined ? null : (
          <Select
            label="Node"
            showsLabel
            value={instance}
            options={nodes.map(({ metric }) => {
              const value = metric["instance"] ?? "";
              return { value, text: metric["nodename"] ?? value };
            })}
            onChoose={(value) => setSearch({ ...search, instance: value })}
          />
        )}
        <Choice
          label="Time range"
          value={String(spanMs)}
          options={SPANS_MS.map((ms) => ({ value: String(ms), text: formatDuration(ms) }))}
          onChoose={(value) => setSearch({ ...search, range: formatDuration(Number(value)) })}
        />
      </div>
      <Readings panels={panels} instance={instance} volume={volume} />
      <div className="home-charts board">
        {panels.map(({ panel, data, error }) => (
          <HomeChart
            key={panel.id}
            title={panel.title}
            data={data}
            kind={panel.kind}
            unit={panel.unit}
            window={window}
            height={height}
            error={error}
            yMin={panel.yMin}
            yMax={panel.yMax}
            to="/query"
            search={metricsSearch(panel, range)}
            emptyText="No samples yet. The host collector's first rates need two scrapes."
            onZoom={(fromMs, toMs) => openMetrics(panel, draggedRange(fromMs, toMs))}
          />
        ))}
        <HomeChart
          title="Log lines"
          data={volume?.data ?? { times: [], series: [] }}
          kind="bars"
          unit="number"
          window={
            volume === undefined
              ? window
              : { ...volume.window, fromMs: Math.max(window.fromMs, volume.window.fromMs) }
          }
          error={volumeError}
          height={height}
          to="/logs"
          search={encodeRange(range)}
          legendValue={(data, index) => formatValue(total(data.series[index]!.values))}
          emptyText="No log lines yet."
          onZoom={(fromMs, toMs) =>
            void navigate({ to: "/logs", search: encodeRange(draggedRange(fromMs, toMs)) })
          }
        />
      </div>
      <div className="home-lists board">
        <FiringList />
        <TargetList />
        <DiskList samples={disks === undefined ? undefined : vectorOf(disks)} />
      </div>
    </>
  );
}

function NodeNote({
  node,
  instance,
}: {
  readonly node: VectorSample | undefined;
  readonly instance: string | undefined;
}): ReactNode {
  const nowMs = useNow();
  const cores = firstNumber(useHomeFact("cores", instance).data);
  const memory = firstNumber(useHomeFact("memory", instance).data);
  const boot = firstNumber(useHomeFact("boot", instance).data);
  const facts = [
    node === undefined ? "" : `${node.metric["sysname"] ?? ""} ${node.metric["release"] ?? ""}`.trim(),
    Number.isFinite(cores) ? `${cores} ${cores === 1 ? "core" : "cores"}` : "",
    Number.isFinite(memory) ? formatValue(memory, "bytes") : "",
    Number.isFinite(boot) ? `up ${describeDuration(nowMs - boot * 1000)}` : "",
  ].filter((fact) => fact !== "");
  return <p className="page-bar-note home-note">{facts.join(" · ")}</p>;
}

function spanIn(text: string | undefined): number {
  const ms = text === undefined ? undefined : parseDuration(text);
  return ms !== undefined && SPANS_MS.includes(ms) ? ms : SPAN_MS_DEFAULT;
}
