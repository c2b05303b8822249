/**
 * One aggregation of very many series: the sum of all hosts' CPU rates by mode, over a store that is filled
 * here. What a query worker does, in this process: wall and CPU seconds of the first query, which looks all
 * series up, and of the later ones, and what the query held at most of its own limit.
 *
 *     node bench/query-large.ts [SERIES] [STEPS] [RUNS]     (100,000, 1000 and 5 by default)
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { MessageChannel } from "node:worker_threads";
import { Labels, NO_LOGGER, NO_METER, QueryContext, seededRandom, type Clock } from "@binnacle/model";
import { Engine } from "@binnacle/promql/engine";
import { MetricStore } from "@binnacle/tsdb";
import { openMetricReader } from "@binnacle/tsdb/reader";
import { writeQueryResult } from "../packages/server/src/query/write-metrics.ts";
import { round, table } from "./support/measure.ts";

const seriesCount = Number(process.argv[2] ?? 100_000);
const steps = Number(process.argv[3] ?? 1000);
const runs = Number(process.argv[4] ?? 5);

const STEP_MS = 15_000;
const START_MS = 1_790_000_010_000;
const SERIES_PER_HOST = 1000;
/** What the first window reaches back for. */
const ROWS_BEFORE = 20;
/** Half an hour: a seal interval. */
const ROWS_BETWEEN_SEALS = 120;
const MODES = ["user", "system", "idle", "iowait", "irq", "nice", "softirq", "steal"];
const QUERY = "sum by (mode) (rate(node_cpu_seconds_total[5m]))";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "binnacle-query-large-"));
const time = { nowMs: START_MS };
const clock: Clock = { nowMs: () => time.nowMs, monotonicMs: () => performance.now() };
try {
  await using store = await MetricStore.open({
    dir,
    clock,
    logger: NO_LOGGER,
    meter: NO_METER,
    retentionMs: 30 * 86_400_000,
    outOfOrderWindowMs: 0,
    journalSync: "page-cache",
    limits: { maintenanceIntervalMs: 0 },
  });
  await fill(store);
  const { port1, port2 } = new MessageChannel();
  using _served = store.serve(port1);
  await measure(openMetricReader(port2));
  port1.close();
  port2.close();
} finally {
  fs.rmSync(dir, { recursive: true, force: true });
}

/** A row a host and step: counters that grow by hundredths of seconds. */
async function fill(store: MetricStore): Promise<void> {
  const random = seededRandom(1);
  const hosts = Array.from({ length: Math.ceil(seriesCount / SERIES_PER_HOST) }, (_, host) => ({
    group: `host-${host}`,
    series: Uint32Array.from({ length: SERIES_PER_HOST }, (_unused, i) =>
      store.series(
        Labels.fromObject({
          __name__: "node_cpu_seconds_total",
          instance: `host-${host}:9100`,
          cpu: String(i >> 3),
          mode: MODES[i & 7]!,
        }),
      ),
    ),
    hundredths: Float64Array.from({ length: SERIES_PER_HOST }, () => random.below(1e8)),
  }));
  for (let row = 0; row < steps + ROWS_BEFORE; row++) {
    time.nowMs = START_MS + row * STEP_MS;
    const appended = hosts.map(({ group, series, hundredths }) => {
      for (let i = 0; i < hundredths.length; i++) hundredths[i]! += random.below((i & 7) === 2 ? 1500 : 40);
      return store.append([
        { group, timeMs: time.nowMs, series, values: hundredths.map((each) => each / 100) },
      ]);
    });
    await Promise.all(appended);
    if (row % ROWS_BETWEEN_SEALS === ROWS_BETWEEN_SEALS - 1) await store.maintain();
  }
}

async function measure(source: ReturnType<typeof openMetricReader>): Promise<void> {
  const engine = new Engine();
  const endMs = START_MS + (steps + ROWS_BEFORE - 1) * STEP_MS;
  const rows: (string | number)[][] = [["query", "wall s", "CPU s", "held MB", "KB"]];
  for (let run = 0; run < runs; run++) {
    const context = new QueryContext();
    const startedAt = performance.now();
    const cpu = process.cpuUsage();
    const range = { query: QUERY, startMs: endMs - (steps - 1) * STEP_MS, endMs, stepMs: STEP_MS };
    const result = await engine.range(range, source, context);
    const bytes = writeQueryResult(result, { limit: undefined, more: "" });
    const { user, system } = process.cpuUsage(cpu);
    rows.push([
      run === 0 ? "first" : "again",
      round((performance.now() - startedAt) / 1000),
      round((user + system) / 1e6),
      round(context.bytesPeak / 2 ** 20, 1),
      round(bytes.length / 1024, 0),
    ]);
  }
  process.stdout.write(`${seriesCount} series, ${steps} steps: ${QUERY}\n\n${table(rows)}`);
}
