/**
 * Files that are cut short, altered or of another version: an error or a log entry that names them, and no
 * more lost. store-damage-anywhere.test.ts tries every region of a file.
 */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEnvironment } from "@binnacle/lmdb-file";
import { NO_LOGGER, NO_METER, QueryContext, type Logger, type Meter } from "@binnacle/model";
import { expect, test } from "vitest";
import { HEADER_BYTES } from "./block/block-ends.ts";
import type { ManifestState } from "./block/manifest.ts";
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

test("a query whose page is damaged gives the rest, with a warning, and it is counted once", async () => {
  using dir = new TestDir();
  const path = await sealedBlock(dir.path);
  const bytes = readFileSync(path);
  const values = HEADER_BYTES + bytes.readUInt32LE(12);
  bytes[values + 40]! ^= 1;
  writeFileSync(path, bytes);
  await fill(dir.path, [50, 60]);
  const counted: unknown[] = [];
  const meter: Meter = {
    ...NO_METER,
    counter: ({ name }) => ({
      inc: (labels) => void (name === "binnacle_tsdb_damaged_pages_total" && counted.push(labels)),
    }),
  };
  await using store = await openTestStore(dir.path, { meter });
  for (let i = 0; i < 2; i++) {
    const context = new QueryContext();
    using set = await store.select({ matchers: [], startMs: 0, endMs: 2 ** 50 }, context);
    expect(Array.from(set.read(context), ({ times }) => times.length)).toEqual(Array(20).fill(10));
    expect(context.warnings.join()).toContain(`${path} at byte ${values} (page 0 of values)`);
  }
  expect(counted).toEqual([{ part: "values" }]);
  // What is damaged keeps no late sample out.
  const series = store.series(labels("__name__=m1,job=a"));
  expect(await store.append([row("late", NOW_MS + 1500, [[series, 7]])])).toMatchObject({ appended: 1 });
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
    const counts = Object.values(await readAll(store)).map((samples) => samples.length);
    // What LMDB moved about may stand in what is left.
    expect(new Set(counts).size).toBeLessThanOrEqual(1);
    if (share < 0.5) for (const count of counts) expect(count).toBeLessThan(200);
  }
});

test("an altered journal record is found, and all others are kept", async () => {
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
    expect(log.lines.join()).toContain('"recordsLost":[62]');
    const found = Object.values(await readAll(store));
    expect(found.map((samples) => samples.length)).toEqual(Array(20).fill(99));
    await store.compact();
  }
  await fill(dir.path, [100, 110]);
  await using store = await openTestStore(dir.path);
  expect(Object.values(await readAll(store))[0]).toHaveLength(109);
});

const FORMATS = [
  ["binnacle tsdb 3\n", /format version 3; this program reads up to 2/],
  ["something else", /not a format of a metrics store/],
] as const;

test.for(FORMATS)("a directory of format %j is refused", async ([text, message]) => {
  using dir = new TestDir();
  await fill(dir.path, [0, 1]);
  writeFileSync(join(dir.path, "FORMAT"), text);
  await expect(openTestStore(dir.path)).rejects.toThrowError(message);
});

test.for(["cut short", "altered"])(
  "a manifest that is %s is set aside and made anew from the blocks",
  async (how) => {
    using dir = new TestDir();
    await sealedBlock(dir.path);
    const path = join(dir.path, "manifest.json");
    const bytes = readFileSync(path);
    bytes[bytes.length - 5]! ^= 1;
    writeFileSync(path, how === "altered" ? bytes : bytes.subarray(0, 40));
    const log = new ErrorLog();
    await using store = await openTestStore(dir.path, { logger: log.logger });
    expect(log.lines.join()).toContain(path);
    expect(readdirSync(dir.path)).toContain("manifest.json.damaged");
    expect(Object.values(await readAll(store)).map((samples) => samples.length)).toEqual(Array(20).fill(50));
  },
);

test("a directory of format 1, whose manifest LMDB kept, is taken over", async () => {
  using dir = new TestDir();
  await sealedBlock(dir.path);
  const { blocks, sealedThrough } = JSON.parse(
    readFileSync(join(dir.path, "manifest.json"), "utf8").split("\n")[1]!,
  ) as ManifestState;
  rmSync(join(dir.path, "manifest.json"));
  writeFileSync(join(dir.path, "FORMAT"), "binnacle tsdb 1\n");
  const options = { encoding: "json", cache: false } as const;
  const environment = openEnvironment<ManifestState, string>(join(dir.path, "manifest.mdb"), options);
  await environment.put("state", { blocks, sealedThrough: sealedThrough + 5 });
  await environment.close();
  await using store = await openTestStore(dir.path);
  expect(Object.values(await readAll(store)).map((samples) => samples.length)).toEqual(Array(20).fill(50));
  expect(readdirSync(dir.path).filter((file) => file.startsWith("manifest"))).toEqual(["manifest.json"]);
  expect(readFileSync(join(dir.path, "manifest.json"), "utf8")).toContain(
    `"sealedThrough":${sealedThrough + 5}`,
  );
  expect(readFileSync(join(dir.path, "FORMAT"), "utf8")).toBe("binnacle tsdb 2\n");
});

test("a manifest that is gone is made anew from the blocks", async () => {
  using dir = new TestDir();
  await sealedBlock(dir.path);
  await fill(dir.path, [50, 60]);
  rmSync(join(dir.path, "manifest.json"));
  await using store = await openTestStore(dir.path);
  expect(Object.values(await readAll(store)).map((samples) => samples.length)).toEqual(Array(20).fill(60));
});
