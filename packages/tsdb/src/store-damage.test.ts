/**
 * Files that are cut short, altered or of another version: an error or a log entry that names them, and no
 * more lost.
 */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NO_LOGGER, QueryContext, type Logger } from "@binnacle/model";
import { expect, test } from "vitest";
import { BlockReader } from "./block/block-reader.ts";
import { PageCache } from "./block/page-cache.ts";
import { labels, NOW_MS, openTestStore, readAll, row, TestDir } from "./test-store.ts";

/** Keeps what is logged as an error, as text. */
class ErrorLog {
  readonly lines: string[] = [];
  readonly logger: Logger = {
    ...NO_LOGGER,
    error: (fields, message) =>
      this.lines.push(`${message} ${JSON.stringify({ ...fields, err: undefined })}`),
  };
}

async function fill(dir: string, steps: readonly [from: number, to: number]): Promise<void> {
  await using store = await openTestStore(dir);
  const refs = Array.from({ length: 20 }, (_, i) => store.series(labels(`__name__=m${i},job=a`)));
  for (let step = steps[0]; step < steps[1]; step++) {
    const samples = refs.map((ref, i) => [ref, Math.sin(step * i)] as const);
    await store.append([row("g", NOW_MS + step * 1000, samples)]);
  }
}

async function sealedBlock(dir: string): Promise<string> {
  await fill(dir, [0, 50]);
  await using store = await openTestStore(dir);
  await store.compact();
  return join(dir, "blocks", readdirSync(join(dir, "blocks"))[0]!);
}

function journalOf(dir: string): string {
  const folder = join(dir, "journal");
  return join(
    folder,
    readdirSync(folder).find((file) => file.endsWith(".mdb"))!,
  );
}

function readEverything(path: string): number {
  using block = new BlockReader(path, new PageCache(0));
  let samples = 0;
  for (let series = 0; series < block.index.seriesCount; series++) {
    for (const { times } of block.read(series, { startMs: 0, endMs: 2 ** 50 }).floats)
      samples += times.length;
  }
  block.index.select([{ name: "job", op: "=~", value: ".+" }]);
  return samples;
}

test("one byte of a block altered anywhere is found, and its file and place named", async () => {
  using dir = new TestDir();
  const path = await sealedBlock(dir.path);
  const whole = readFileSync(path);
  expect(readEverything(path)).toBe(1000);
  const unchecked: number[] = [];
  for (let at = 0; at < whole.length; at += 7) {
    const altered = Buffer.from(whole);
    altered[at]! ^= 0x10;
    writeFileSync(path, altered);
    try {
      readEverything(path);
      unchecked.push(at);
    } catch (error) {
      expect(String(error)).toContain(path);
      expect(String(error)).toMatch(/at byte \d+|format version/);
    }
  }
  // The four reserved bytes of the header mean nothing.
  expect(unchecked.filter((at) => at < 12 || at >= 16)).toEqual([]);
});

test("a block cut short anywhere is found", async () => {
  using dir = new TestDir();
  const path = await sealedBlock(dir.path);
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length += 97) {
    writeFileSync(path, whole.subarray(0, length));
    expect(() => readEverything(path), `${length} bytes`).toThrowError(path);
  }
});

test("a store with a damaged block says so, keeps the file, and answers with the rest", async () => {
  using dir = new TestDir();
  const path = await sealedBlock(dir.path);
  truncateSync(path, 300);
  await fill(dir.path, [50, 60]);
  const log = new ErrorLog();
  await using store = await openTestStore(dir.path, { logger: log.logger });
  expect(log.lines.join()).toContain(path);
  expect(Object.values(await readAll(store)).map((samples) => samples.length)).toEqual(Array(20).fill(10));
  expect(readdirSync(join(dir.path, "blocks"))).toHaveLength(1);
});

test("damage to one page costs the queries that need it, with its place", async () => {
  using dir = new TestDir();
  const path = await sealedBlock(dir.path);
  const bytes = readFileSync(path);
  bytes[40]! ^= 1;
  writeFileSync(path, bytes);
  await using store = await openTestStore(dir.path);
  await expect(readAll(store)).rejects.toMatchObject({
    code: "CORRUPT_DATA",
    message: expect.stringContaining("page 0 of values"),
  });
  const selection = { selectors: [], startMs: 0, endMs: 2 ** 50, limit: undefined };
  expect(await store.labelNames(selection, new QueryContext())).toEqual(["__name__", "job"]);
});

test("a journal cut short gives its whole records, and the log names it", async () => {
  using dir = new TestDir();
  await fill(dir.path, [0, 200]);
  const path = journalOf(dir.path);
  const whole = readFileSync(path);
  for (const share of [0.9, 0.5, 0.2]) {
    writeFileSync(path, whole.subarray(0, Math.floor(whole.length * share)));
    const log = new ErrorLog();
    await using store = await openTestStore(dir.path, { logger: log.logger });
    expect(log.lines.join()).toContain(path);
    for (const samples of Object.values(await readAll(store))) expect(samples.length).toBeLessThan(200);
  }
});

test("an altered journal record is found, and what stands before it is kept", async () => {
  using dir = new TestDir();
  await fill(dir.path, [0, 100]);
  const path = journalOf(dir.path);
  const bytes = readFileSync(path);
  const value = Buffer.alloc(8);
  value.writeDoubleLE(Math.sin(61 * 3));
  const at = bytes.indexOf(value);
  expect(at).toBeGreaterThan(0);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
  const log = new ErrorLog();
  {
    await using store = await openTestStore(dir.path, { logger: log.logger });
    expect(log.lines.join()).toContain('"record":62');
    const found = Object.values(await readAll(store));
    expect(found.map((samples) => samples.length)).toEqual(Array(20).fill(61));
    await store.compact();
  }
  await fill(dir.path, [100, 110]);
  await using store = await openTestStore(dir.path);
  expect(Object.values(await readAll(store))[0]).toHaveLength(71);
});

const FORMATS = [
  ["binnacle tsdb 2\n", /format version 2; this program reads up to 1/],
  ["something else", /not a format of a metrics store/],
] as const;

test.for(FORMATS)("a directory of format %j is refused", async ([text, message]) => {
  using dir = new TestDir();
  await fill(dir.path, [0, 1]);
  writeFileSync(join(dir.path, "FORMAT"), text);
  await expect(openTestStore(dir.path)).rejects.toThrowError(message);
});

test("a manifest cut short is refused with its path", async () => {
  using dir = new TestDir();
  await sealedBlock(dir.path);
  truncateSync(join(dir.path, "manifest.mdb"), 9000);
  // Twice: refusing must not leave behind a file that looks whole.
  for (let i = 0; i < 2; i++)
    await expect(openTestStore(dir.path)).rejects.toThrowError(/it has 9000 bytes.*manifest\.mdb/);
});

test("a manifest that is gone is made anew from the blocks", async () => {
  using dir = new TestDir();
  await sealedBlock(dir.path);
  await fill(dir.path, [50, 60]);
  for (const file of ["manifest.mdb", "manifest.mdb-lock"]) rmSync(join(dir.path, file));
  await using store = await openTestStore(dir.path);
  expect(Object.values(await readAll(store)).map((samples) => samples.length)).toEqual(Array(20).fill(60));
});
