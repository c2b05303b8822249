/** From the columns of a push to the store: series resolved, samples gathered into rows, rows appended. */
import { NO_METER, type AppendResult, type Counter, type Meter, type MetricSink } from "@binnacle/model";
import { ENTRY_ERRORS_MAX, NO_SERIES_NUMBER, type DecodedWrite, type MetricPush } from "@binnacle/wire";
import { KnownWriters, NO_GROUP, type ResolvedSeries } from "./known-writers.ts";
import type { PushSummary } from "./push-summary.ts";
import { gatherRows } from "./row-gatherer.ts";

/** A request as far as appending needs it. */
export type AppendableWrite = Pick<
  DecodedWrite,
  | "labelsAt"
  | "seriesNumbers"
  | "numbersEpoch"
  | "sampleOffsets"
  | "sampleTimes"
  | "sampleValues"
  | "sampleStartTimes"
  | "histograms"
  | "exemplars"
  | "metadata"
>;

interface Counts {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

/** Its counts are of what is in the store, repeats of what was there included. */
export interface AppendSummary extends Counts {
  /** Series that the store did not take, and samples and histograms that it refused. */
  readonly refused: number;
  readonly reasons: readonly string[];
}

/** What is left out before the store judges samples, and so is in none of its counters. */
export function pushRejections(meter: Meter): Counter {
  return meter.counter({
    name: "binnacle_push_rejected_total",
    help:
      "What of pushed metrics never reached the store, by reason: invalid (points, lines or series that were " +
      "wrong in themselves), series_refused (samples of series past a limit of the store).",
    labelNames: ["reason"],
  });
}

export class MetricAppender {
  readonly #sink: MetricSink;
  readonly #writers: KnownWriters;
  readonly #rejected: Counter;

  /** `rejected` is of `pushRejections`. Default: nothing is counted. */
  constructor(sink: MetricSink, rejected: Counter = pushRejections(NO_METER)) {
    this.#sink = sink;
    this.#rejected = rejected;
    this.#writers = new KnownWriters(sink);
  }

  /**
   * Series that the store has let go of since they were last written are registered anew, once. `refs` is
   * room for the request's series, the caller's again once this has settled.
   */
  async append(request: AppendableWrite, refs?: Uint32Array<ArrayBuffer>): Promise<AppendSummary> {
    if (request.metadata.length > 0) this.#sink.describe(request.metadata);
    const series = this.#writers.resolve(request, refs);
    const offered = countTaken(request, series);
    const first = await this.#sink.append(gatherRows(request, series));
    if (first.unknownSeries.length === 0) {
      this.#countRefused(request, offered);
      return summarize(offered, series.refusals, first);
    }
    const gone = new Set(first.unknownSeries);
    this.#writers.forgetRefs(gone);
    const again = this.#writers.resolve(request);
    const offeredAgain = countTaken(request, again);
    this.#countRefused(request, offeredAgain);
    const second = await this.#sink.append(gatherRows(request, again, (i) => gone.has(series.refs[i]!)));
    return summarize(offeredAgain, again.refusals, {
      rejected: first.rejected - first.unknownSeries.length + second.rejected,
      rejectedHistograms: (first.rejectedHistograms ?? 0) + (second.rejectedHistograms ?? 0),
      rejections: [
        ...first.rejections.filter(({ reason }) => reason !== "unknown_series"),
        ...second.rejections,
      ],
    });
  }

  /** Takes a push whose decoder remembers no series. */
  async appendPush(push: MetricPush): Promise<PushSummary & AppendSummary> {
    const seriesNumbers = new Uint32Array(push.labels.length).fill(NO_SERIES_NUMBER);
    const labelsAt = (i: number): MetricPush["labels"][number] => push.labels[i]!;
    this.noteInvalid(push.errorCount);
    const summary = await this.append({ ...push, labelsAt, seriesNumbers, numbersEpoch: 0 });
    return {
      ...summary,
      refused: push.errorCount + summary.refused,
      reasons: [...push.errors, ...summary.reasons],
    };
  }

  /** Entries of a request that its decoder left out. */
  noteInvalid(count: number): void {
    if (count > 0) this.#rejected.inc({ reason: "invalid" }, count);
  }

  #countRefused({ sampleTimes, histograms }: AppendableWrite, taken: Counts): void {
    const refused = sampleTimes.length + histograms.length - taken.samples - taken.histograms;
    if (refused > 0) this.#rejected.inc({ reason: "series_refused" }, refused);
  }
}

/** What stands in series that the store knows. To be asked before anything else is resolved. */
function countTaken(request: AppendableWrite, { groups, refusals }: ResolvedSeries): Counts {
  const { sampleOffsets, sampleTimes, histograms, exemplars } = request;
  if (refusals.length === 0) {
    return { samples: sampleTimes.length, histograms: histograms.length, exemplars: exemplars.length };
  }
  let samples = 0;
  for (let i = 0; i < groups.length; i++) {
    if (groups[i] !== NO_GROUP) samples += sampleOffsets[i + 1]! - sampleOffsets[i]!;
  }
  const isTaken = ({ series }: { readonly series: number }): boolean => groups[series] !== NO_GROUP;
  return {
    samples,
    histograms: histograms.filter(isTaken).length,
    exemplars: exemplars.filter(isTaken).length,
  };
}

function summarize(
  offered: Counts,
  refusals: readonly string[],
  result: Pick<AppendResult, "rejected" | "rejectedHistograms" | "rejections">,
): AppendSummary {
  const { rejected, rejectedHistograms = 0, rejections } = result;
  return {
    samples: offered.samples - (rejected - rejectedHistograms),
    histograms: offered.histograms - rejectedHistograms,
    exemplars: offered.exemplars,
    refused: refusals.length + rejected,
    reasons: [...refusals.slice(0, ENTRY_ERRORS_MAX), ...rejections.map(({ message }) => message)],
  };
}
