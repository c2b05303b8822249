/** `binnacle tsdb import`: samples from OpenMetrics text, or from Prometheus's blocks. */
import fs from "node:fs";
import path from "node:path";
import {
  BinnacleError,
  setStaleAt,
  wordsOf,
  type Histogram,
  type Labels,
  type MetricMetadata,
  type SampleRow,
} from "@binnacle/model";
import type { MetricStore } from "@binnacle/tsdb";
import { ScrapeParser } from "@binnacle/wire";
import { print, Progress } from "./output/progress.ts";
import { readPrometheusBlock } from "./tsdb-prometheus-block.ts";
import { withStore } from "./tsdb-store.ts";

/** Bytes of text that are parsed at once. */
const PIECE_BYTES = 8 * 1024 * 1024;
/** Samples that are sorted by time before they are appended. */
const BATCH_SAMPLES = 500_000;

export async function importInto(dataDir: string, source: string): Promise<void> {
  const isText = fs.statSync(source).isFile();
  const blocks = isText ? [] : blocksIn(source);
  await withStore(dataDir, async (store) => {
    const batch = new Batch(store);
    if (isText) await importText(source, batch);
    else await importBlocks(blocks, batch);
    await batch.flush();
    await store.compact();
    const { taken, rejected, skipped } = batch;
    print(`${taken} samples taken, ${rejected} rejected${batch.firstRejection}`);
    if (skipped > 0) print(`${skipped} samples left out: their chunks have an encoding that is not known`);
  });
}

/** Samples of one time, by the refs of their series. */
interface BatchRow {
  readonly floats: Map<number, number>;
  readonly histograms: Map<number, Histogram>;
  readonly stale: number[];
}

/** Gathers samples into rows of one time, so that they are cheap to store. */
class Batch {
  readonly #store: MetricStore;
  readonly #rows = new Map<number, BatchRow>();
  #count = 0;
  taken = 0;
  rejected = 0;
  skipped = 0;
  firstRejection = "";

  constructor(store: MetricStore) {
    this.#store = store;
  }

  get isFull(): boolean {
    return this.#count >= BATCH_SAMPLES;
  }

  describe(metadata: readonly MetricMetadata[]): void {
    this.#store.describe(metadata);
  }

  /** Of two samples of a series at one time the first is taken. */
  add(ref: number, timeMs: number, value: number): void {
    const row = this.#rowFor(ref, timeMs);
    row?.floats.set(ref, value);
  }

  /** Undefined is the staleness marker, which stands among the floats. */
  addHistogram(ref: number, timeMs: number, value: Histogram | undefined): void {
    const row = this.#rowFor(ref, timeMs);
    if (value === undefined) row?.stale.push(ref);
    else row?.histograms.set(ref, value);
  }

  /** Undefined, and the sample rejected, where the series has one at this time. */
  #rowFor(ref: number, timeMs: number): BatchRow | undefined {
    let row = this.#rows.get(timeMs);
    if (row === undefined)
      this.#rows.set(timeMs, (row = { floats: new Map(), histograms: new Map(), stale: [] }));
    if (row.floats.has(ref) || row.histograms.has(ref) || row.stale.includes(ref)) {
      this.rejected++;
      return undefined;
    }
    this.#count++;
    return row;
  }

  ref(labels: Labels): number {
    return this.#store.series(labels);
  }

  async flush(): Promise<void> {
    const rows: SampleRow[] = [...this.#rows]
      .sort(([a], [b]) => a - b)
      .map(([timeMs, row]) => sampleRow(timeMs, row));
    this.#rows.clear();
    this.#count = 0;
    const { appended, rejected, rejections } = await this.#store.append(rows);
    this.taken += appended;
    this.rejected += rejected;
    if (this.firstRejection === "" && rejections[0] !== undefined)
      this.firstRejection = `; the first: ${rejections[0].message}`;
    await this.#store.maintain();
  }
}

function sampleRow(timeMs: number, { floats, histograms, stale }: BatchRow): SampleRow {
  const values = new Float64Array(floats.size + stale.length);
  values.set([...floats.values()]);
  const words = wordsOf(values);
  for (let i = floats.size; i < values.length; i++) setStaleAt(words, i);
  return {
    group: "import",
    timeMs,
    series: Uint32Array.of(...floats.keys(), ...stale),
    values,
    histograms: Array.from(histograms, ([series, value]) => ({ series, value, startTimeMs: 0 })),
  };
}

/**
 * Piece by piece, each cut at a line's end and parsed by itself. Mistakes are named by the file's own lines.
 */
async function importText(file: string, batch: Batch): Promise<void> {
  const { size } = fs.statSync(file);
  using progress = new Progress("read", size);
  const fd = fs.openSync(file, "r");
  try {
    let rest = Buffer.alloc(0);
    let linesBefore = 0;
    for (let at = 0; at < size || rest.length > 0;) {
      const read = Buffer.alloc(Math.min(PIECE_BYTES, size - at));
      const count = fs.readSync(fd, read, 0, read.length, at);
      at += count;
      const isLast = at >= size || count === 0;
      const all = Buffer.concat([rest, read.subarray(0, count)]);
      const end = isLast ? all.length : all.lastIndexOf(0x0a) + 1;
      rest = all.subarray(end);
      const piece = all.subarray(0, end);
      await importPiece(piece, isLast, { file, linesBefore }, batch);
      linesBefore += piece.toString("latin1").split("\n").length - 1;
      progress.show(at);
      if (isLast) break;
    }
  } finally {
    fs.closeSync(fd);
  }
}

async function importPiece(
  piece: Buffer,
  isLast: boolean,
  place: { file: string; linesBefore: number },
  batch: Batch,
): Promise<void> {
  const text = isLast ? piece : Buffer.concat([piece, Buffer.from("# EOF\n")]);
  const parser = new ScrapeParser();
  let parsed;
  try {
    parsed = parser.parse(text, { dialect: "openmetrics" });
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    const after = place.linesBefore === 0 ? "" : ` (lines count from ${place.linesBefore + 1})`;
    throw new BinnacleError(error.code, `${place.file}${after}: ${error.message}`, { cause: error });
  }
  batch.describe(parsed.metadata);
  const { slots, values, times } = parsed;
  const refs = new Map(parsed.newSeries.map(({ slot, labels }) => [slot, batch.ref(labels)]));
  for (let i = 0; i < slots.length; i++) {
    const timeMs = times?.[i] ?? Number.NaN;
    if (Number.isNaN(timeMs)) {
      throw new BinnacleError("BAD_EXPOSITION", `${place.file}: a sample has no time, which an import needs`);
    }
    batch.add(refs.get(slots[i]!)!, timeMs, values[i]!);
    if (batch.isFull) await batch.flush();
  }
  // Refs are good until a seal lets go of series that fell silent: the next piece asks anew.
  await batch.flush();
}

async function importBlocks(blocks: readonly string[], batch: Batch): Promise<void> {
  for (const [i, block] of blocks.entries()) {
    const { seriesCount, series } = readPrometheusBlock(block);
    using progress = new Progress(`series of block ${i + 1} of ${blocks.length}`, seriesCount);
    let done = 0;
    for (const { labels, times, values, histograms, skipped } of series) {
      progress.show(++done);
      batch.skipped += skipped;
      const ref = batch.ref(labels);
      for (let s = 0; s < times.length; s++) batch.add(ref, times[s]!, values[s]!);
      for (const { timeMs, value } of histograms) batch.addHistogram(ref, timeMs, value);
      if (batch.isFull) await batch.flush();
    }
    await batch.flush();
  }
}

function isBlock(folder: string): boolean {
  return fs.existsSync(path.join(folder, "meta.json"));
}

/** Folders of blocks: the one given, or those in it, oldest first. Throws BAD_BODY where there are none. */
function blocksIn(dir: string): string[] {
  if (isBlock(dir)) return [dir];
  const blocks = fs
    .readdirSync(dir)
    .map((name) => path.join(dir, name))
    .filter(isBlock);
  if (blocks.length === 0)
    throw new BinnacleError("BAD_BODY", `${dir}: no block of Prometheus, which has a meta.json`);
  return blocks.sort();
}
