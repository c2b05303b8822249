/**
 * Files of a store are altered and cut short at many places, region by region: what is damaged is named, and
 * every answer has what the undamaged pages hold, at once, after a merge, and after a restart.
 *
 * BINNACLE_SEED replays a run, BINNACLE_DAMAGES says how many random places are tried.
 */
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Salvage } from "@binnacle/lmdb-file";
import { NO_LOGGER, QueryContext, seededRandom, type Histogram, type Logger } from "@binnacle/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HEADER_BYTES, TRAILER_BYTES } from "./block/block-ends.ts";
import { BlockReader } from "./block/block-reader.ts";
import { PageCache } from "./block/page-cache.ts";
import { RECORD_HEADER_BYTES, recordClaim } from "./journal/journal-record.ts";
import { verifyStore } from "./verify.ts";
import { labels, NOW_MS, openTestStore, readAll, row, TestDir } from "./test-store.ts";

const SEED = Number(process.env["BINNACLE_SEED"] ?? 1);
const DAMAGES = Number(process.env["BINNACLE_DAMAGES"] ?? 12);
const SERIES = 30;
const ROWS = 1200;
const LATER_ROWS = 5;
const PAGE_BYTES = 4096;

type Answer = Record<string, string[]>;

/** Keeps what is logged as an error, as text. */
class ErrorLog {
  readonly lines: string[] = [];
  readonly logger: Logger = {
    ...NO_LOGGER,
    error: (fields, message) => this.lines.push(`${message} ${JSON.stringify(fields)}`),
  };
}

function histogram(count: number): Histogram {
  return {
    schema: 0,
    isInteger: true,
    counterResetHint: "unknown",
    count,
    sum: count / 3,
    zeroThreshold: 0.001,
    zeroCount: 0,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveCounts: Float64Array.of(count),
    negativeSpans: [],
    negativeCounts: new Float64Array(0),
    customBounds: undefined,
  };
}

/** Rows that do not compress, a histogram in each. */
async function fill(dir: string, from: number, to: number, group = "g"): Promise<void> {
  await using store = await openTestStore(dir);
  const refs = Array.from({ length: SERIES }, (_, i) => store.series(labels(`__name__=m${i},job=a`)));
  const histograms = store.series(labels("__name__=h,job=a"));
  for (let step = from; step < to; step++) {
    const floats = row(
      group,
      NOW_MS - 7_200_000 + step * 1000,
      refs.map((ref, i) => [ref, Math.sin(step * SERIES + i)] as const),
    );
    const sample = { series: histograms, value: histogram(step), startTimeMs: 0 };
    await store.append([{ ...floats, histograms: [sample] }]);
  }
}

const source = new TestDir();
const journalSource = new TestDir();
/** The block's file, and what stands where in it. */
let blockFile: string;
let whole: Buffer;
const regions: { name: string; from: number; to: number; page?: number }[] = [];

beforeAll(async () => {
  await fill(source.path, 0, ROWS);
  await using store = await openTestStore(source.path);
  await store.compact();
  await store.close();
  blockFile = readdirSync(join(source.path, "blocks"))[0]!;
  whole = readFileSync(join(source.path, "blocks", blockFile));
  describeRegions();
  // What stands in the journal still, so that there is something to merge the block with.
  await fill(source.path, ROWS, ROWS + LATER_ROWS);
});

afterAll(() => {
  source[Symbol.dispose]();
  journalSource[Symbol.dispose]();
});

function describeRegions(): void {
  using block = new BlockReader(join(source.path, "blocks", blockFile), new PageCache(0));
  const { sections } = block.file.footer;
  const indexBytes = whole.readUInt32LE(12);
  const values = HEADER_BYTES + indexBytes;
  const after = whole.length - TRAILER_BYTES - indexBytes;
  regions.push({ name: "header", from: 0, to: HEADER_BYTES });
  for (const [copy, start] of [HEADER_BYTES, after].entries()) {
    for (const section of ["times", "symbols", "series", "labels"] as const) {
      for (const [i, offset] of sections[section].offsets.entries()) {
        const from = start + offset;
        regions.push({ name: `${section} ${copy}`, from, to: from + sections[section].lengths[i]! });
      }
    }
    const end = start + indexBytes;
    regions.push({ name: `footer ${copy}`, from: end - whole.readUInt32LE(16), to: end });
  }
  for (const [page, offset] of sections.values.offsets.entries()) {
    const from = values + offset;
    regions.push({ name: `values ${page}`, from, to: from + sections.values.lengths[page]!, page });
  }
  regions.push({ name: "trailer", from: whole.length - TRAILER_BYTES, to: whole.length });
  expect(regions.filter(({ page }) => page !== undefined).length).toBeGreaterThan(2);
}

/** What is left of the block without some pages of its values. */
function answerWithout(pages: ReadonlySet<number>): Answer {
  using block = new BlockReader(join(source.path, "blocks", blockFile), new PageCache(0));
  const left: Answer = {};
  for (let series = 0; series < block.index.seriesCount; series++) {
    const { chunks } = block.index.entry(series);
    const isLost = (kind: string): boolean =>
      chunks.some((chunk) => chunk.kind === kind && pages.has(chunk.page));
    const { floats, histograms } = block.read(series, { startMs: 0, endMs: 2 ** 50 });
    const samples: string[] = [];
    // Each of these series has one chunk of its kind.
    if (!isLost("float"))
      for (const { times, values } of floats)
        times.forEach((time, i) => samples.push(`${time - NOW_MS}:${values[i]}`));
    if (!isLost("histogram"))
      for (const { times, values } of histograms)
        times.forEach((time, i) => samples.push(`${time - NOW_MS}:histogram of ${values[i]!.count}`));
    left[block.index.labels(series).toString()] = samples;
  }
  return left;
}

function withLater(answer: Answer, later: Answer): Answer {
  const all = Object.keys(later).map((key) => [key, [...(answer[key] ?? []), ...later[key]!]]);
  return Object.fromEntries(all) as Answer;
}

async function laterOnly(): Promise<Answer> {
  await using store = await openTestStore(source.path);
  return readAll(store, [], { startMs: NOW_MS - 7_200_000 + ROWS * 1000, endMs: 2 ** 50 });
}

/**
 * Puts the damaged file into a copy of the store, and compares. Of damage to the first copy of the index,
 * which is read only where the second is damaged, nobody but `verify` knows; of damage to label values, no
 * merge.
 */
async function check(
  damaged: Buffer,
  lost: ReadonlySet<number> | "all",
  what: string,
  region = "",
): Promise<void> {
  using dir = new TestDir();
  cpSync(source.path, dir.path, { recursive: true });
  const path = join(dir.path, "blocks", blockFile);
  writeFileSync(path, damaged);
  expect([...verifyStore(dir.path).files].flatMap(({ damage }) => damage).join(), what).toContain(path);
  const expected = withLater(lost === "all" ? {} : answerWithout(lost), await laterOnly());
  const log = new ErrorLog();
  {
    await using store = await openTestStore(dir.path, { logger: log.logger });
    expect(await readAll(store, [{ name: "job", op: "=", value: "a" }]), what).toEqual(expected);
    await store.compact();
    expect(await readAll(store), `${what}, merged`).toEqual(expected);
    const isSpare = region.endsWith(" 0") && !region.startsWith("values");
    if (!isSpare) expect(log.lines.join("\n"), what).toContain(path);
    if (lost === "all") return;
    expect(store.blocks(), what).toHaveLength(1);
    if (!isSpare && !region.startsWith("labels"))
      expect(readdirSync(join(dir.path, "damaged")), what).toEqual([blockFile]);
  }
  await using store = await openTestStore(dir.path);
  expect(await readAll(store), `${what}, merged and opened again`).toEqual(expected);
}

test(`each region of a block is altered, and random places, seed ${SEED}`, { timeout: 120_000 }, async () => {
  const random = seededRandom(SEED);
  const places = regions.map(({ from, to }) => from + random.below(to - from));
  for (let i = 0; i < DAMAGES; i++) places.push(random.below(whole.length));
  for (const at of places) {
    const region = regions.find(({ from, to }) => at >= from && at < to)!;
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1 << random.below(8);
    const lost = new Set(region.page === undefined ? [] : [region.page]);
    await check(damaged, lost, `byte ${at} (${region.name}) altered`, region.name);
  }
});

test(`a block is cut short at many places, seed ${SEED}`, { timeout: 120_000 }, async () => {
  const random = seededRandom(SEED + 1);
  const lengths = regions.flatMap(({ from, to }) => [from, from + random.below(to - from)]);
  for (let i = 0; i < DAMAGES; i++) lengths.push(random.below(whole.length));
  const firstIndexEnd = HEADER_BYTES + whole.readUInt32LE(12);
  for (const length of lengths) {
    const lost = regions.filter(({ page, to }) => page !== undefined && to > length).map(({ page }) => page!);
    const isLost = length < firstIndexEnd;
    await check(whole.subarray(0, length), isLost ? "all" : new Set(lost), `cut to ${length} bytes`);
  }
});

test("both copies of a page of the index: the answer says what it lacks", async () => {
  using dir = new TestDir();
  cpSync(source.path, dir.path, { recursive: true });
  const damaged = Buffer.from(whole);
  for (const { from } of regions.filter(({ name }) => name.startsWith("series"))) damaged[from + 20]! ^= 1;
  writeFileSync(join(dir.path, "blocks", blockFile), damaged);
  await using store = await openTestStore(dir.path);
  const context = new QueryContext();
  using set = await store.select({ matchers: [], startMs: 0, endMs: 2 ** 50 }, context);
  const counts = [...set.read(context)].map(({ times }) => times.length);
  expect(counts.filter((count) => count > 0)).toEqual(Array(SERIES).fill(LATER_ROWS));
  expect(context.warnings.join()).toContain("some samples are missing, since their page is damaged");
  await store.compact();
});

/**
 * The samples that each record of a journal brought, by its number, and the pages of the file it stands in.
 */
function recordPages(path: string): Map<number, Set<number>[]> {
  using salvage = new Salvage(path);
  const found = new Map<number, Set<number>[]>();
  for (const place of salvage.places()) {
    const claim = recordClaim(salvage.read(place, RECORD_HEADER_BYTES)!)!;
    const pages = new Set<number>();
    const end = place.offset + Math.min(place.bytes, claim.bytes);
    for (let page = Math.floor(place.offset / PAGE_BYTES); page * PAGE_BYTES < end; page++) pages.add(page);
    found.set(claim.number, [...(found.get(claim.number) ?? []), pages]);
  }
  return found;
}

test(`a journal is altered and cut short at many places, seed ${SEED}`, { timeout: 120_000 }, async () => {
  const rows = 60;
  // A row is a record: of a few hundred bytes, which share a page, and of several pages.
  await fill(journalSource.path, 0, rows / 2);
  {
    await using store = await openTestStore(journalSource.path);
    const refs = Array.from({ length: 700 }, (_, i) => store.series(labels(`__name__=wide${i}`)));
    for (let step = rows / 2; step < rows; step++) {
      const few = step % 2 === 0 ? 3 : refs.length;
      const samples = refs.slice(0, few).map((ref, i) => [ref, Math.cos(step * 700 + i)] as const);
      await store.append([row("wide", NOW_MS - 7_200_000 + step * 1000, samples)]);
    }
  }
  const folder = join(journalSource.path, "journal");
  const files = readdirSync(folder).filter((file) => file.endsWith(".mdb"));
  expect(files).toHaveLength(2);
  const expected = await answerOf(journalSource.path);
  const random = seededRandom(SEED + 2);
  for (let i = 0; i < 4 * DAMAGES; i++) {
    const file = files[i % 2]!;
    const original = readFileSync(join(folder, file));
    const records = recordPages(join(folder, file));
    const at = random.below(original.length);
    const isCut = i % 4 >= 2;
    const damaged = Buffer.from(isCut ? original.subarray(0, at) : original);
    if (!isCut) damaged[at]! ^= 1 << random.below(8);
    const isTouched = (page: number): boolean =>
      isCut ? (page + 1) * PAGE_BYTES > at : page === Math.floor(at / PAGE_BYTES);
    const lost = [...records].filter(([, copies]) => copies.every((pages) => [...pages].some(isTouched)));
    using dir = new TestDir();
    cpSync(journalSource.path, dir.path, { recursive: true });
    writeFileSync(join(dir.path, "journal", file), damaged);
    const what = `${file} of ${original.length} bytes, ${isCut ? "cut to" : "altered at"} ${at}`;
    const found = await answerOf(dir.path);
    expect(timesMissing(expected, found), what).toBeLessThanOrEqual(lost.length);
    // And what is found was there.
    for (const [key, samples] of Object.entries(found))
      expect(expected[key], what).toEqual(expect.arrayContaining(samples));
  }
});

async function answerOf(dir: string): Promise<Answer> {
  await using store = await openTestStore(dir);
  return readAll(store);
}

/** Rows that are not there, or not whole. */
function timesMissing(expected: Answer, found: Answer): number {
  const missing = new Set<string>();
  for (const [key, samples] of Object.entries(expected)) {
    const have = new Set(found[key]);
    for (const sample of samples) if (!have.has(sample)) missing.add(sample.split(":")[0]!);
  }
  return missing.size;
}
