/**
 * Answers a remote read, in the worker: the samples of several selections, raw, in the form the reader takes.
 */
import {
  BinnacleError,
  compareLabels,
  Labels,
  NO_SAMPLES,
  type MetricSource,
  type QueryContext,
} from "@binnacle/model";
import {
  encodeSampledResponse,
  encodeStreamedResponse,
  type ReadQuery,
  type ReadResponseType,
  type ReadSeries,
} from "@binnacle/wire/remote-read";

export interface ReadOptions {
  readonly queries: readonly ReadQuery[];
  /** What the reader takes, what it likes best first. */
  readonly accepted: readonly ReadResponseType[];
  /** Readers know this store by them: each series has them, and matchers that only name them hold. */
  readonly externalLabels: Readonly<Record<string, string>>;
}

export interface ReadAnswer {
  readonly type: ReadResponseType;
  readonly bytes: Uint8Array;
}

/** Throws EXECUTION_ERROR for histograms that the reader takes in no form there is. */
export async function remoteRead(
  { queries, accepted, externalLabels }: ReadOptions,
  source: MetricSource,
  context: QueryContext,
): Promise<ReadAnswer> {
  const results: ReadSeries[][] = [];
  let hasHistograms = false;
  for (const { startMs, endMs, matchers } of queries) {
    const remaining = matchers.filter(
      ({ name, op, value }) =>
        !(op === "=" && Object.hasOwn(externalLabels, name) && externalLabels[name] === value),
    );
    using set = await source.select({ matchers: remaining, startMs, endMs }, context);
    const result: ReadSeries[] = [];
    for (const { labels, times, values, histograms } of set.read(context)) {
      if (times.length === 0 && histograms === undefined) continue;
      hasHistograms ||= (histograms?.values.length ?? 0) > 0;
      // The columns are views that go when the set does.
      result.push({
        labels: Labels.from([...Object.entries(externalLabels), ...labels.entries()]),
        times: times.slice(),
        values: values.slice(),
        histogramTimes: histograms?.times.slice() ?? NO_SAMPLES,
        histograms: histograms?.values ?? [],
      });
      context.chargeBytes(16 * times.length);
    }
    results.push(result.sort((a, b) => compareLabels(a.labels, b.labels)));
  }
  const type = accepted.find((it) => it === "samples" || !hasHistograms);
  if (type === undefined) {
    throw new BinnacleError(
      "EXECUTION_ERROR",
      "native histograms are read as samples only: the reader must accept the response type SAMPLES",
    );
  }
  const bytes =
    type === "samples" ? encodeSampledResponse(results) : Buffer.concat([...encodeStreamedResponse(results)]);
  return { type, bytes };
}
