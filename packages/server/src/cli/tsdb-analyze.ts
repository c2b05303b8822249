/** `binnacle tsdb analyze`. */
import { print, printTop, Progress } from "./output/progress.ts";
import { unboundedQuery } from "./offline.ts";
import { metricsDir, withStore } from "./tsdb-store.ts";

const EVER = { startMs: -(2 ** 52), endMs: 2 ** 52 };

export async function analyze(dataDir: string, limit: number): Promise<void> {
  metricsDir(dataDir);
  await withStore(dataDir, async (store) => {
    const stats = store.stats();
    const samplesByMetric = new Map<string, number>();
    const seriesByMetric = new Map<string, number>();
    const seriesByPair = new Map<string, number>();
    const valuesByLabel = new Map<string, Set<string>>();
    const context = unboundedQuery();
    using series = await store.select({ matchers: [], ...EVER }, context);
    let done = 0;
    let samples = 0;
    {
      using progress = new Progress("series", series.seriesCount);
      for (const { labels, times, histograms } of series.read(context)) {
        progress.show(++done);
        const count = times.length + (histograms?.times.length ?? 0);
        samples += count;
        const metric = labels.get("__name__");
        add(samplesByMetric, metric, count);
        add(seriesByMetric, metric, 1);
        for (const [name, value] of labels.entries()) {
          const values = valuesByLabel.get(name) ?? new Set();
          valuesByLabel.set(name, values.add(value));
          if (name !== "__name__") add(seriesByPair, `${name}=${JSON.stringify(value)}`, 1);
        }
      }
    }
    const perSample =
      stats.blockSamples === 0 ? "" : `, ${(stats.blockBytes / stats.blockSamples).toFixed(3)} a sample`;
    print(`series               ${done}`);
    print(`samples              ${samples}`);
    print(`blocks               ${stats.blocks}, ${stats.blockBytes} bytes${perSample}`);
    print(`samples not sealed   ${stats.headSamples}`);
    print(`deletions waiting    ${stats.tombstones}`);
    if (stats.minTimeMs !== undefined && stats.maxTimeMs !== undefined)
      print(
        `from, to             ${new Date(stats.minTimeMs).toISOString()}, ${new Date(stats.maxTimeMs).toISOString()}`,
      );
    const sizes = new Map([...valuesByLabel].map(([name, values]) => [name, values.size]));
    printTop("samples by metric", samplesByMetric, limit);
    printTop("series by metric", seriesByMetric, limit);
    printTop("series by label and value", seriesByPair, limit);
    printTop("values by label", sizes, limit);
  });
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
