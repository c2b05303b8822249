/** The node at a glance. */
import type { VectorSample } from "@binnacle/api";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { firstNumber } from "../../api/metrics-api.ts";
import { sampleValue } from "../../api/sample-value.ts";
import { alertsQuery, targetsQuery } from "../../app/server-queries.ts";
import { useFlatSearch } from "../../app/use-flat-search.ts";
import { total } from "../logs/volume-chart.ts";
import { SparkLine } from "../../charts/spark-line.tsx";
import { formatValue, splitValue } from "../../charts/units.ts";
import { Choice, Select } from "../../components/choice.tsx";
import { describeDuration, formatDuration, parseDuration } from "../../time/duration.ts";
import { encodeRange, draggedRange, lastSpan } from "../../time/range.ts";
import { useNow } from "../../time/use-now.ts";
import { encodeMetricsState, panelOf } from "../metrics/metrics-state.ts";
import { HomeChart } from "./home-chart.tsx";
import { drawnWindow, lastValue, sumOfLast } from "./home-data.ts";
import { DiskList, FiringList, TargetList } from "./home-lists.tsx";
import type { HomePanel } from "./home-panels.ts";
import { Reading, Scale, type Tone } from "./reading.tsx";
import { useHomeFact, useHomePanels, useLogVolume, type PanelState } from "./use-home.ts";
import "./home.css";

const SPANS_MS: readonly number[] = [5 * 60_000, 15 * 60_000, 3_600_000, 6 * 3_600_000, 86_400_000];
/** Charts share what the other parts of the page leave of the screen, so that Home is one look and no scrolling. */
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
        <DiskList samples={vectorOf(useHomeFact("disks", instance).data)} />
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

interface ReadingsProps {
  readonly panels: readonly PanelState[];
  readonly instance: string | undefined;
  readonly volume: ReturnType<typeof useLogVolume>["volume"];
}

function Readings({ panels, instance, volume }: ReadingsProps): ReactNode {
  const { data: alerts } = useQuery(alertsQuery);
  const { data: targets } = useQuery(targetsQuery);
  const cores = firstNumber(useHomeFact("cores", instance).data);
  const memoryTotal = firstNumber(useHomeFact("memory", instance).data);
  const disks = vectorOf(useHomeFact("disks", instance).data);
  const of = (id: HomePanel["id"]): PanelState => panels.find(({ panel }) => panel.id === id)!;

  const cpu = sumOfLast(of("cpu").data);
  const memory = newest(of("memory"), "used");
  const load = newest(of("load"), "1 min");
  const network = of("network").data;
  const fullest = disks.toSorted((a, b) => valueOf(b) - valueOf(a))[0];
  const firing = alerts?.filter(({ state }) => state === "firing").length;
  const pending = alerts?.filter(({ state }) => state === "pending").length ?? 0;
  const down = targets?.filter(({ health }) => health === "down").length ?? 0;
  const lines = linesPerSecond(volume);
  const traffic = splitValue(sumOfLast(network), "bytes/s");
  const linesText = splitValue(lines, "number");

  return (
    <div className="readings board">
      <Reading
        name="CPU"
        {...share(cpu)}
        tone={toneOf(cpu, 0.85, 0.95)}
        to="/query"
        note={coresNote(cores)}
        search={metricsSearch(of("cpu").panel, lastSpan(3_600_000))}
      >
        <Scale share={cpu} redFrom={0.9} />
      </Reading>
      <Reading
        name="Memory"
        {...share(memory === undefined ? undefined : memory / memoryTotal)}
        tone={toneOf(memory === undefined ? undefined : memory / memoryTotal, 0.9, 0.97)}
        note={memory === undefined ? "" : `${formatValue(memory, "bytes")} used`}
        to="/query"
        search={metricsSearch(of("memory").panel, lastSpan(3_600_000))}
      >
        <Scale share={memory === undefined ? undefined : memory / memoryTotal} redFrom={0.9} />
      </Reading>
      <Reading
        name="Fullest disk"
        {...share(fullest === undefined ? undefined : valueOf(fullest))}
        tone={toneOf(fullest === undefined ? undefined : valueOf(fullest), 0.85, 0.95)}
        note={fullest?.metric["mountpoint"] ?? ""}
        to="/query"
        search={metricsSearch(of("disk").panel, lastSpan(3_600_000))}
      >
        <Scale share={fullest === undefined ? undefined : valueOf(fullest)} redFrom={0.9} />
      </Reading>
      <Reading
        name="Load"
        value={formatValue(load)}
        tone={toneOf(load === undefined ? undefined : load / cores, 1.5, 3)}
        note={Number.isFinite(cores) ? `of ${cores} ${cores === 1 ? "core" : "cores"}` : ""}
        to="/query"
        search={metricsSearch(of("load").panel, lastSpan(3_600_000))}
      >
        <Scale share={load === undefined ? undefined : load / (2 * cores)} redFrom={0.5} />
      </Reading>
      <Reading
        name="Network"
        value={traffic[0]}
        unit={traffic[1]}
        note={trafficNote(of("network"))}
        to="/query"
        search={metricsSearch(of("network").panel, lastSpan(3_600_000))}
      >
        <SparkLine values={network.series.find(({ key }) => key === "in")?.values ?? []} color="--series-1" />
      </Reading>
      <Reading
        name="Log lines"
        value={linesText[0]}
        unit={lines === undefined ? "" : `${linesText[1]}/s`}
        note={errorsNote(volume)}
        to="/logs"
      >
        <SparkLine values={sumRows(volume)} color="--level-info" />
      </Reading>
      <Reading
        name="Targets"
        value={targets === undefined ? "—" : String(targets.length - down)}
        unit={targets === undefined ? "" : `of ${targets.length} up`}
        tone={down > 0 ? "bad" : "calm"}
        note={down > 0 ? `${down} down` : targets === undefined ? "" : "all answer"}
        to="/targets"
      >
        <Scale
          share={
            targets === undefined || targets.length === 0
              ? undefined
              : (targets.length - down) / targets.length
          }
        />
      </Reading>
      <Reading
        name="Alerts"
        value={firing === undefined ? "—" : String(firing)}
        unit="firing"
        tone={firing !== undefined && firing > 0 ? "bad" : pending > 0 ? "warn" : "calm"}
        note={pending > 0 ? `${pending} pending` : firing === 0 ? "all quiet" : ""}
        to="/alerts"
      />
    </div>
  );
}

function share(value: number | undefined): { value: string; unit: string } {
  return value === undefined || !Number.isFinite(value)
    ? { value: "—", unit: "" }
    : { value: (value * 100).toFixed(value < 0.0995 ? 1 : 0), unit: "%" };
}

function toneOf(value: number | undefined, warnFrom: number, badFrom: number): Tone {
  if (value === undefined || !(value >= warnFrom)) return "calm";
  return value >= badFrom ? "bad" : "warn";
}

function coresNote(cores: number): string {
  return Number.isFinite(cores) ? `of ${cores} ${cores === 1 ? "core" : "cores"}` : "";
}

function trafficNote({ data }: PanelState): string {
  const [received, sent] = ["in", "out"].map((key) => {
    const series = data.series.find((one) => one.key === key);
    return series === undefined ? undefined : lastValue(series.values);
  });
  if (received === undefined || sent === undefined) return "";
  return `${formatValue(received, "bytes")} in, ${formatValue(Math.abs(sent), "bytes")} out`;
}

/** Over the last whole bars, since the newest one is still filling. */
function linesPerSecond(volume: ReadingsProps["volume"]): number | undefined {
  if (volume === undefined) return undefined;
  const sums = sumRows(volume);
  const whole = sums.slice(-5, -1);
  return whole.length === 0 ? undefined : total(whole) / ((whole.length * volume.stepMs) / 1000);
}

function sumRows(volume: ReadingsProps["volume"]): readonly number[] {
  const rows = volume?.data.series ?? [];
  return (volume?.data.times ?? []).map((_, index) =>
    rows.reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
  );
}

function errorsNote(volume: ReadingsProps["volume"]): string {
  const errors = volume?.data.series.find(({ key }) => key === "error");
  return errors === undefined ? "" : `${formatValue(total(errors.values))} errors shown`;
}

function newest({ data }: PanelState, key: string): number | undefined {
  const series = data.series.find((one) => one.key === key);
  return series === undefined ? undefined : lastValue(series.values);
}

function vectorOf(data: Parameters<typeof firstNumber>[0]): readonly VectorSample[] {
  return data?.resultType === "vector" ? data.result : [];
}

function valueOf(sample: VectorSample): number {
  return sampleValue(sample.value?.[1] ?? "");
}

function metricsSearch(panel: HomePanel, range: ReturnType<typeof lastSpan>): Record<string, string> {
  return encodeMetricsState({
    panels: panel.queries.map(({ query }) =>
      panelOf(query, { isStacked: panel.kind === "stacked" && panel.queries.length === 1 }),
    ),
    range,
    refresh: "auto",
  });
}

function spanIn(text: string | undefined): number {
  const ms = text === undefined ? undefined : parseDuration(text);
  return ms !== undefined && SPANS_MS.includes(ms) ? ms : SPAN_MS_DEFAULT;
}
