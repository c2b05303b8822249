/** Writes the samples of one rule at one moment, with stale markers for the series that are gone. */
import {
  GROUP_NAME_LENGTH_MAX,
  setStaleAt,
  wordsOf,
  type AppendResult,
  type HistogramSample,
  type Labels,
  type MetricSink,
  type SampleRow,
} from "@binnacle/model";
import type { RuleSample } from "./rule-result.ts";

export interface RuleRow {
  /** `file;name` of the rule's group. */
  readonly groupKey: string;
  readonly timeMs: number;
  readonly samples: readonly RuleSample[];
  /** Series that end at this moment. */
  readonly ended: readonly Labels[];
}

export async function appendSamples(sink: MetricSink, row: RuleRow): Promise<AppendResult> {
  const result = await sink.append([toSampleRow(sink, row)]);
  // The sink may have forgotten a series between its being named and being written: then it is named anew,
  // once.
  return result.unknownSeries.length > 0 ? sink.append([toSampleRow(sink, row)]) : result;
}

function toSampleRow(sink: MetricSink, row: RuleRow): SampleRow {
  const floats = row.samples.filter((sample) => sample.histogram === undefined);
  const count = floats.length + row.ended.length;
  const series = new Uint32Array(count);
  const values = new Float64Array(count);
  const words = wordsOf(values);
  floats.forEach((sample, i) => {
    series[i] = sink.series(sample.labels);
    values[i] = sample.value;
  });
  row.ended.forEach((labels, i) => {
    series[floats.length + i] = sink.series(labels);
    setStaleAt(words, floats.length + i);
  });
  const histograms: HistogramSample[] = [];
  for (const { labels, histogram } of row.samples) {
    if (histogram !== undefined) {
      histograms.push({ series: sink.series(labels), value: histogram, startTimeMs: 0 });
    }
  }
  const group = `rules/${row.groupKey}`.slice(0, GROUP_NAME_LENGTH_MAX);
  return { group, timeMs: row.timeMs, series, values, ...(histograms.length > 0 && { histograms }) };
}
