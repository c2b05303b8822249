/**
 * info(): adds to each series the data labels of the info series that describe the same instance and job, as
 * they were when its samples were read.
 */
import { assert, BinnacleError, METRIC_NAME, type Labels } from "@binnacle/model";
import { compileMatcher } from "@binnacle/re2";
import type { Evaluation } from "../evaluation.ts";
import type { StepGrid } from "../grid.ts";
import { infoMatchersOf } from "../info-selector.ts";
import { selectTimes } from "../instant-selector.ts";
import { METADATA_LABELS } from "../names.ts";
import { ABSENT, type StepColumns, type StepSeries } from "../step-series.ts";
import type { FunctionImplementation } from "./function-types.ts";

/** The labels by which series and info series find each other. */
const IDENTIFYING: ReadonlySet<string> = new Set(["instance", "job"]);

interface InfoSeries {
  readonly labels: Labels;
  readonly metricName: string;
  /** By step, the time in seconds of the sample that stands there. */
  readonly times: StepColumns;
}

interface Output {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly columns: StepColumns;
}

export const info: FunctionImplementation = (call, grid, evaluation) => {
  const selector = evaluation.infoSelectors.get(call);
  assert(selector !== undefined, "info() was planned");
  const base = evaluation.evaluateVector(call.args[0]!, grid);
  const { names, data } = infoMatchersOf(call);
  const namePredicates = names.map(compileMatcher);
  const isInfoMetric = (name: string): boolean => namePredicates.every((predicate) => predicate.test(name));
  const wanted = data.length === 0 ? undefined : new Set(data.map(({ name }) => name));
  const mayMiss = data.every((matcher) => compileMatcher(matcher).matchesEmpty);

  const found = selectTimes(selector, grid, evaluation, "time").map(({ series, columns }): InfoSeries => {
    if (series.histograms.times.length > 0) {
      const text = `this should be an info metric, with float samples: ${series.labels.toString()}`;
      throw new BinnacleError("EXECUTION_ERROR", text);
    }
    return { labels: series.labels, metricName: series.labels.get(METRIC_NAME), times: columns };
  });
  const byIdentity = Map.groupBy(found, ({ labels }) => labels.only(IDENTIFYING).key());

  const outputs = new Map<string, Output>();
  for (const series of base.series) {
    evaluation.context.check();
    const identity = series.labels.only(IDENTIFYING);
    const isPlain = isInfoMetric(series.labels.get(METRIC_NAME));
    const candidates = isPlain || identity.size === 0 ? [] : (byIdentity.get(identity.key()) ?? []);
    for (let step = 0; step < grid.count; step++) {
      if (series.kinds[step] === ABSENT) continue;
      const current = currentInfo(candidates, step);
      // Without an info series there is nothing that could satisfy a matcher that asks for something.
      if (current.length === 0 && !isPlain && !mayMiss) continue;
      const labels = current.length === 0 ? series.labels : enriched(series.labels, current, wanted);
      outputFor(outputs, labels, series, grid, evaluation).columns.copy(step, series, step);
    }
  }
  return {
    type: "vector",
    series: [...outputs.values()].map(({ labels, dropName, columns }) => columns.toSeries(labels, dropName)),
  };
};

/** The info series that stand at a step: of each metric the one with the newest sample. */
function currentInfo(candidates: readonly InfoSeries[], step: number): readonly InfoSeries[] {
  const newest = new Map<string, InfoSeries>();
  for (const candidate of candidates) {
    if (candidate.times.kinds[step] === ABSENT) continue;
    const other = newest.get(candidate.metricName);
    const seconds = candidate.times.values[step]!;
    const otherSeconds = other?.times.values[step];
    if (other !== undefined && otherSeconds === seconds) {
      throw new BinnacleError(
        "EXECUTION_ERROR",
        `found duplicate series for info metric: existing ${other.labels.toString()} @ ${seconds * 1000}, ` +
          `new ${candidate.labels.toString()} @ ${seconds * 1000}`,
      );
    }
    if (otherSeconds === undefined || otherSeconds < seconds) newest.set(candidate.metricName, candidate);
  }
  return [...newest.values()];
}

/** Labels that the series has already stay as they are. */
function enriched(
  base: Labels,
  current: readonly InfoSeries[],
  wanted: ReadonlySet<string> | undefined,
): Labels {
  const added = new Map<string, string>();
  for (const { labels } of current) {
    for (const [name, value] of labels.entries()) {
      if (METADATA_LABELS.has(name) || IDENTIFYING.has(name) || base.has(name)) continue;
      if (wanted !== undefined && !wanted.has(name)) continue;
      const other = added.get(name);
      if (other !== undefined && other !== value) {
        throw new BinnacleError("EXECUTION_ERROR", `conflicting label: ${name}`);
      }
      added.set(name, value);
    }
  }
  return base.with(Object.fromEntries(added));
}

function outputFor(
  outputs: Map<string, Output>,
  labels: Labels,
  series: StepSeries,
  grid: StepGrid,
  evaluation: Evaluation,
): Output {
  const key = labels.key();
  let output = outputs.get(key);
  if (output === undefined) {
    output = { labels, dropName: series.dropName, columns: evaluation.columns(grid) };
    outputs.set(key, output);
  }
  return output;
}
