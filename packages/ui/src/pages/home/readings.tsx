/** The row of readings. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { firstNumber } from "../../api/metrics-api.ts";
import { alertsQuery, targetsQuery } from "../../app/server-queries.ts";
import { SparkLine } from "../../charts/spark-line.tsx";
import { formatValue, splitValue } from "../../charts/units.ts";
import { lastSpan } from "../../time/range.ts";
import { total } from "../logs/volume-chart.ts";
import { lastValue, sumOfLast, valueOf, vectorOf } from "./home-data.ts";
import type { HomePanel } from "./home-panels.ts";
import { metricsSearch } from "./metrics-search.ts";
import { Reading, Scale, type Tone } from "./reading.tsx";
import { useHomeFact, type LogVolume, type PanelState } from "./use-home.ts";

/** The range that a reading's link opens. */
const RANGE = lastSpan(3_600_000);

interface ReadingsProps {
  readonly panels: readonly PanelState[];
  readonly instance: string | undefined;
  readonly volume: LogVolume | undefined;
}

export function Readings({ panels, instance, volume }: ReadingsProps): ReactNode {
  const alertsAnswer = useQuery(alertsQuery);
  const targetsAnswer = useQuery(targetsQuery);
  // What was true before the server fell silent must not read as all quiet now.
  const alerts = alertsAnswer.isError ? undefined : alertsAnswer.data;
  const targets = targetsAnswer.isError ? undefined : targetsAnswer.data;
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
        search={metricsSearch(of("cpu").panel, RANGE)}
      >
        <Scale share={cpu} redFrom={0.9} />
      </Reading>
      <Reading
        name="Memory"
        {...share(memory === undefined ? undefined : memory / memoryTotal)}
        tone={toneOf(memory === undefined ? undefined : memory / memoryTotal, 0.9, 0.97)}
        note={memory === undefined ? "" : `${formatValue(memory, "bytes")} used`}
        to="/query"
        search={metricsSearch(of("memory").panel, RANGE)}
      >
        <Scale share={memory === undefined ? undefined : memory / memoryTotal} redFrom={0.9} />
      </Reading>
      <Reading
        name="Fullest disk"
        {...share(fullest === undefined ? undefined : valueOf(fullest))}
        tone={toneOf(fullest === undefined ? undefined : valueOf(fullest), 0.85, 0.95)}
        note={fullest?.metric["mountpoint"] ?? ""}
        to="/query"
        search={metricsSearch(of("disk").panel, RANGE)}
      >
        <Scale share={fullest === undefined ? undefined : valueOf(fullest)} redFrom={0.9} />
      </Reading>
      <Reading
        name="Load"
        value={formatValue(load)}
        tone={toneOf(load === undefined ? undefined : load / cores, 1.5, 3)}
        note={Number.isFinite(cores) ? `of ${cores} ${cores === 1 ? "core" : "cores"}` : ""}
        to="/query"
        search={metricsSearch(of("load").panel, RANGE)}
      >
        <Scale share={load === undefined ? undefined : load / (2 * cores)} redFrom={0.5} />
      </Reading>
      <Reading
        name="Network"
        value={traffic[0]}
        unit={traffic[1]}
        note={trafficNote(of("network"))}
        to="/query"
        search={metricsSearch(of("network").panel, RANGE)}
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
        note={
          alertsAnswer.isError
            ? "not known"
            : pending > 0
              ? `${pending} pending`
              : firing === 0
                ? "all quiet"
                : ""
        }
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
  return errors === undefined ? "" : `${formatValue(total(errors.values))} errors`;
}

function newest({ data }: PanelState, key: string): number | undefined {
  const series = data.series.find((one) => one.key === key);
  return series === undefined ? undefined : lastValue(series.values);
}
