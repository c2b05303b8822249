/**
 * Bytes and CPU of the metrics store on recorded exporters, each recording once: what a sample costs on disk
 * after a compaction, and what appending, sealing, merging and reading a million samples take.
 *
 *     node bench/storage.ts [STEP_MS]
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { Labels, NO_LOGGER, NO_METER, QueryContext, SYSTEM_CLOCK, wordsOf } from "@binnacle/model";
import { MetricStore } from "@binnacle/tsdb";

const STEP_MS = Number(process.argv[2] ?? 15_000);
const SEAL_INTERVAL_MS = 30 * 60_000;

/** One exporter's recording: values[series * rows + row], NaN where absent. */
interface Recording {
  readonly job: string;
  readonly rows: number;
  readonly series: readonly Labels[];
  readonly values: Float64Array;
}

function loadRecordings(): Recording[] {
  const dir = join(process.env["BINNACLE_SHARED"] ?? "../shared", "data/metrics");
  if (!existsSync(dir)) return [syntheticRecording()];
  return readdirSync(dir)
    .filter((file) => file.endsWith(".columns.zst"))
    .map((file) => parseRecording(zstdDecompressSync(readFileSync(join(dir, file)))));
}

function parseRecording(bytes: Buffer): Recording {
  const end = bytes.indexOf(10);
  const head = JSON.parse(bytes.toString("utf8", 0, end)) as { job: string; rows: number; series: string[] };
  const values = new Float64Array(
    bytes.buffer.slice(bytes.byteOffset + end + 1, bytes.byteOffset + bytes.length),
  );
  const series = head.series.map((text) => parseIdentity(text, head.job));
  return { job: head.job, rows: head.rows, series, values };
}

/** `name{label="value",…}` as the recordings write it, with the labels a scrape adds. */
function parseIdentity(text: string, job: string): Labels {
  const brace = text.indexOf("{");
  const pairs: [string, string][] = [
    ["job", job],
    ["instance", `${job}:9100`],
  ];
  pairs.push(["__name__", brace < 0 ? text : text.slice(0, brace)]);
  for (const [, name, value] of text
    .slice(brace < 0 ? text.length : brace)
    .matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    pairs.push([name!, JSON.parse(`"${value!}"`) as string]);
  }
  return Labels.from(pairs);
}

/** Where the recordings are not there: counters and gauges made up, so that the bench still runs. */
function syntheticRecording(): Recording {
  const rows = 900;
  const series = Array.from({ length: 500 }, (_, i) =>
    Labels.fromObject({ __name__: `synthetic_${i % 50}`, i: String(i) }),
  );
  const values = new Float64Array(rows * series.length);
  for (let s = 0; s < series.length; s++) {
    for (let row = 0; row < rows; row++)
      values[s * rows + row] = s % 3 === 0 ? s : row * s + ((row * 7919 * s) % 13);
  }
  return { job: "synthetic", rows, series, values };
}

function directoryBytes(dir: string): number {
  let bytes = 0;
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes;
}

function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

function print(name: string, value: number, unit: string): void {
  process.stdout.write(`${name.padEnd(40)} ${value.toFixed(4).padStart(12)} ${unit}\n`);
}

const recordings = loadRecordings();
const dir = mkdtempSync(join(tmpdir(), "binnacle-bench-"));
try {
  await using store = await MetricStore.open({
    dir,
    clock: SYSTEM_CLOCK,
    logger: NO_LOGGER,
    meter: NO_METER,
    retentionMs: 10 * 365 * 86_400_000,
    outOfOrderWindowMs: 30 * 60_000,
    limits: { maintenanceIntervalMs: 0, sealIntervalMs: 0 },
  });
  const startMs = Date.now() - Math.max(...recordings.map(({ rows }) => rows)) * STEP_MS;
  let samples = 0;
  const targets = recordings.map(({ job, rows, series, values }) => ({
    job,
    rows,
    values,
    count: series.length,
    series,
    // Known from its first sample on: until then the store forgets a series at every seal.
    refs: new Float64Array(series.length).fill(-1),
  }));
  let appending = 0;
  let sealing = 0;
  let since = process.cpuUsage();
  const rowsMax = Math.max(...targets.map(({ rows }) => rows));
  for (let row = 0; row < rowsMax; row++) {
    const appends = targets
      .filter(({ rows }) => row < rows)
      .map(async ({ job, rows, series: labels, refs, values, count }) => {
        const series = new Uint32Array(count);
        const column = new Float64Array(count);
        let present = 0;
        for (let s = 0; s < count; s++) {
          const value = values[s * rows + row]!;
          if (Number.isNaN(value)) continue;
          if (refs[s]! < 0) refs[s] = store.series(labels[s]!);
          series[present] = refs[s]!;
          column[present++] = value;
        }
        samples += present;
        const timeMs = startMs + row * STEP_MS;
        const { rejections } = await store.append([
          {
            group: `scrape/${job}`,
            timeMs,
            series: series.subarray(0, present),
            values: column.subarray(0, present),
          },
        ]);
        if (rejections.length > 0) throw new Error(rejections[0]!.message);
      });
    await Promise.all(appends);
    // As the timer would: a seal for half an hour of rows.
    if (row % Math.max(1, Math.floor(SEAL_INTERVAL_MS / STEP_MS)) === 0 && row > 0) {
      appending += cpuSeconds(since);
      since = process.cpuUsage();
      await store.maintain();
      sealing += cpuSeconds(since);
      since = process.cpuUsage();
    }
  }
  const millions = samples / 1e6;
  print("samples", samples, "");
  appending += cpuSeconds(since);
  print("append and journal", appending / millions, "CPU s per million samples");
  print("seal and merge as they come", sealing / millions, "CPU s per million samples");
  const { headBytes, headSeries, journalBytes } = store.stats();
  print("head, at the end", headBytes / headSeries, "bytes a series");
  print("journal, at the end", journalBytes, "bytes");

  since = process.cpuUsage();
  await store.compact();
  print("compact all", cpuSeconds(since) / millions, "CPU s per million samples");
  const { blockBytes } = store.stats();
  print("blocks", blockBytes / samples, "bytes a sample");

  since = process.cpuUsage();
  const context = new QueryContext();
  using set = await store.select({ matchers: [], startMs: 0, endMs: 2 ** 50 }, context);
  let sum = 0;
  for (const { values } of set.read(context)) sum += wordsOf(values).length / 2;
  print("read all back", cpuSeconds(since) / (sum / 1e6), "CPU s per million samples");
  set[Symbol.dispose]();
  await store.close();
  print("everything below the directory", directoryBytes(dir) / samples, "bytes a sample");
} finally {
  rmSync(dir, { recursive: true, force: true });
}
