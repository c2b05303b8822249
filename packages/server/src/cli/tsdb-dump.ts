/**
 * `binnacle tsdb dump`: samples as OpenMetrics text, series by series. A native histogram has no form there
 * and is written as a classic one: a cumulative bucket for each of its own, count and sum. What that cannot
 * hold (schema, the width of the zero bucket, reset hints, whether counts are whole numbers) is lost; how
 * many there were is said on standard error, and so is how many stale markers were left out.
 */
import { once } from "node:events";
import {
  bucketsOf,
  isStaleAt,
  Labels,
  METRIC_NAME,
  wordsOf,
  type HistogramColumn,
  type SeriesColumns,
} from "@binnacle/model";
import { formatValue } from "../query/json-number.ts";
import { readSelector } from "../app/selectors.ts";
import { Progress } from "./output/progress.ts";
import type { DumpOptions } from "./tsdb-options.ts";
import { unboundedQuery } from "./offline.ts";
import { metricsDir, withStore } from "./tsdb-store.ts";

const CHUNK_CHARACTERS = 64 * 1024;

export async function dump(options: DumpOptions): Promise<void> {
  metricsDir(options.data);
  const selectors = options.match.map((text) => readSelector("match", text, new Set()));
  const range = { startMs: options.minTime ?? -(2 ** 52), endMs: options.maxTime ?? 2 ** 52 };
  const counted = { histograms: 0, stale: 0 };
  await withStore(options.data, async (store) => {
    const seen = new Set<string>();
    for (const matchers of selectors.length === 0 ? [[]] : selectors) {
      const context = unboundedQuery();
      using set = await store.select({ matchers, ...range }, context);
      using progress = new Progress("series", set.seriesCount);
      let done = 0;
      let text = "";
      for (const series of set.read(context)) {
        progress.show(++done);
        const key = series.labels.key();
        if (seen.has(key)) continue;
        seen.add(key);
        text += linesOf(series, counted);
        if (text.length < CHUNK_CHARACTERS) continue;
        await write(text);
        text = "";
      }
      await write(text);
    }
    await write("# EOF\n");
  });
  const { histograms, stale } = counted;
  if (histograms > 0)
    process.stderr.write(
      `${histograms} native histograms written as classic ones, without what only they hold\n`,
    );
  if (stale > 0) process.stderr.write(`left out: ${stale} stale markers\n`);
}

function linesOf(
  { labels, times, values, histograms }: SeriesColumns,
  counted: { histograms: number; stale: number },
): string {
  counted.histograms += histograms?.times.length ?? 0;
  const words = wordsOf(values);
  const name = seriesText(labels);
  let text = "";
  for (let i = 0; i < times.length; i++) {
    if (isStaleAt(words, i)) counted.stale++;
    else text += `${name} ${formatValue(values[i]!)} ${times[i]! / 1000}\n`;
  }
  return histograms === undefined ? text : text + histogramLines(labels, histograms);
}

/** Series by series: a bucket's samples of all times, then the next one's. */
function histogramLines(labels: Labels, { times, values }: HistogramColumn): string {
  const series = new Map<string, string>();
  const add = (suffix: string, le: number | undefined, value: number, timeMs: number): void => {
    const key = `${suffix} ${le}`;
    const name = `${labels.get(METRIC_NAME)}${suffix}`;
    const known = series.get(key) ?? "";
    series.set(key, `${known}${classicText(labels, name, le)} ${formatValue(value)} ${timeMs / 1000}\n`);
  };
  for (const [i, timeMs] of times.entries()) {
    const histogram = values[i]!;
    let below = 0;
    for (const { upper, count } of bucketsOf(histogram)) {
      below += count;
      if (upper !== Infinity) add("_bucket", upper, below, timeMs);
    }
    add("_bucket", Infinity, histogram.count, timeMs);
    add("_count", undefined, histogram.count, timeMs);
    add("_sum", undefined, histogram.sum, timeMs);
  }
  return [...series.values()].join("");
}

function classicText(labels: Labels, name: string, le: number | undefined): string {
  const pairs = { ...labels.toObject(), [METRIC_NAME]: name };
  return seriesText(Labels.fromObject(le === undefined ? pairs : { ...pairs, le: formatValue(le) }));
}

/** A name that needs quotes stands among the labels. */
function seriesText(labels: Labels): string {
  const metric = labels.get("__name__");
  const isPlain = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric);
  const pairs = isPlain || metric === "" ? [] : [quoted(metric)];
  for (const [name, value] of labels.entries()) {
    if (name === "__name__") continue;
    pairs.push(`${/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : quoted(name)}=${quoted(value)}`);
  }
  return `${isPlain ? metric : ""}{${pairs.join(",")}}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')}"`;
}

async function write(text: string): Promise<void> {
  if (text !== "" && !process.stdout.write(text)) await once(process.stdout, "drain");
}
