/**
 * `binnacle tsdb dump`: samples as OpenMetrics text, series by series. Native histograms and stale markers
 * have no form there: they are left out and counted on standard error.
 */
import { once } from "node:events";
import { isStaleAt, wordsOf, type Labels, type SeriesColumns } from "@binnacle/model";
import { formatValue } from "../query/json-number.ts";
import { readSelector } from "../app/selectors.ts";
import { Progress } from "./output/progress.ts";
import type { DumpOptions } from "./tsdb-options.ts";
import { metricsDir, unbounded, withStore } from "./tsdb-store.ts";

const CHUNK_CHARACTERS = 64 * 1024;

export async function dump(options: DumpOptions): Promise<void> {
  metricsDir(options.data);
  const selectors = options.match.map((text) => readSelector("match", text, new Set()));
  const range = { startMs: options.minTime ?? -(2 ** 52), endMs: options.maxTime ?? 2 ** 52 };
  const left = { histograms: 0, stale: 0 };
  await withStore(options.data, async (store) => {
    const seen = new Set<string>();
    for (const matchers of selectors.length === 0 ? [[]] : selectors) {
      const context = unbounded();
      using set = await store.select({ matchers, ...range }, context);
      using progress = new Progress("series", set.seriesCount);
      let done = 0;
      let text = "";
      for (const series of set.read(context)) {
        progress.show(++done);
        const key = series.labels.key();
        if (seen.has(key)) continue;
        seen.add(key);
        text += linesOf(series, left);
        if (text.length < CHUNK_CHARACTERS) continue;
        await write(text);
        text = "";
      }
      await write(text);
    }
    await write("# EOF\n");
  });
  const { histograms, stale } = left;
  if (histograms + stale > 0)
    process.stderr.write(`left out: ${histograms} native histograms, ${stale} stale markers\n`);
}

function linesOf(
  { labels, times, values, histograms }: SeriesColumns,
  left: { histograms: number; stale: number },
): string {
  left.histograms += histograms?.times.length ?? 0;
  const words = wordsOf(values);
  const name = seriesText(labels);
  let text = "";
  for (let i = 0; i < times.length; i++) {
    if (isStaleAt(words, i)) left.stale++;
    else text += `${name} ${formatValue(values[i]!)} ${times[i]! / 1000}\n`;
  }
  return text;
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
