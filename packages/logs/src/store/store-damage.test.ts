/**
 * Damage to sealed parts, seeded, in every region of their files: it is found, named, and costs no more than
 * the block it stands in; what can be read is saved by itself.
 */
import { copyFileSync, cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BinnacleError, NO_METER, seededRandom, type Meter } from "@binnacle/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PartFile } from "../part/part-file.ts";
import { pagesOf } from "../part/part-index.ts";
import { dump, entries, NOON_NS, openStore, TestFolder } from "../testing/fixtures.ts";

const STREAMS = 3;
const LINES = 4000;
const DAY = "2026-03-01";

const original = new TestFolder();
let part = "";
let whole: readonly string[] = [];
/** Where each page begins and ends, and what it is of; and the lines that damage to it may cost. */
const regions: { name: string; from: number; to: number; linesMax: number }[] = [];

beforeAll(async () => {
  const store = await openStore(original.path);
  const random = seededRandom(42);
  for (let stream = 0; stream < STREAMS; stream++) {
    const lines = Array.from({ length: LINES }, (_, i) => ({
      timeNs: NOON_NS + BigInt(i),
      line: `request ${random.below(1e9)} of user ${i % 100} took ${random.below(5000)} ms ${"=".repeat(i % 300)}`,
      ...(i % 50 === 0 ? { metadata: ["trace", `t${i}`] } : {}),
    }));
    await store.append([entries({ app: `a${stream}` }, lines)]);
  }
  await store.compact();
  whole = await dump(store);
  await store.close();
  part = readdirSync(join(original.path, "parts", DAY))[0]!;
  using file = new PartFile(join(original.path, "parts", DAY, part));
  const { blocks, templates } = file.index;
  expect(blocks.length).toBeGreaterThan(1);
  for (const [number, block] of blocks.entries()) {
    const names = ["times", "directory", "rows", ...block.text.map((_, i) => `group ${i}`), "metadata"];
    for (const [i, { offset, bytes }] of pagesOf(block).entries()) {
      const name = `${names[i]} of block ${number}`;
      regions.push({ name, from: offset, to: offset + bytes, linesMax: block.lines });
    }
  }
  // What all blocks need stands twice.
  const indexAt = templates.offset + 2 * templates.bytes;
  const trailersAt = file.bytes - 48;
  const middle = (indexAt + trailersAt) / 2;
  regions.push(
    { name: "header", from: 0, to: 6, linesMax: 0 },
    { name: "templates", from: templates.offset, to: templates.offset + templates.bytes, linesMax: 0 },
    { name: "copy of templates", from: templates.offset + templates.bytes, to: indexAt, linesMax: 0 },
    { name: "index", from: indexAt, to: middle, linesMax: 0 },
    { name: "copy of index", from: middle, to: trailersAt, linesMax: 0 },
    { name: "first trailer", from: trailersAt, to: trailersAt + 24, linesMax: 0 },
    { name: "last trailer", from: trailersAt + 24, to: file.bytes, linesMax: 0 },
  );
});

afterAll(() => original[Symbol.dispose]());

function countingMeter(): { meter: Meter; counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const meter: Meter = {
    ...NO_METER,
    counter: ({ name }) => ({
      inc: (_labels = {}, by = 1) => void counts.set(name, (counts.get(name) ?? 0) + by),
    }),
  };
  return { meter, counts };
}

async function survives(what: string, linesMax: number, damage: (path: string) => void): Promise<void> {
  using folder = new TestFolder();
  cpSync(original.path, folder.path, { recursive: true });
  const path = join(folder.path, "parts", DAY, part);
  damage(path);
  const { meter, counts } = countingMeter();
  const errors: unknown[] = [];
  const logger = { debug() {}, info() {}, warn() {}, error: (fields: object) => void errors.push(fields) };
  const store = await openStore(folder.path, { meter, logger });
  try {
    // The first answer may name the damage; what can be saved is then saved by itself.
    const first = await dump(store).catch((error: unknown) => error as Error);
    if (first instanceof Error) {
      expect(first, what).toBeInstanceOf(BinnacleError);
      expect(first.message, what).toContain(path);
      await store.compact();
    }
    const left = await dump(store);
    const found = new Set(left);
    expect(found.size, what).toBe(left.length);
    expect(left, what).toEqual(whole.filter((line) => found.has(line)));
    expect(left.length, what).toBeGreaterThanOrEqual(whole.length - linesMax);
    // Whatever is lost was told, counted, and its file is kept.
    if (left.length < whole.length) {
      expect(JSON.stringify(errors), what).toContain(path);
      expect(counts.get("binnacle_logs_damaged_files_total"), what).toBe(1);
      expect(readdirSync(join(folder.path, "parts", DAY)), what).toContain(`${part}.damaged`);
      const lost = counts.get("binnacle_logs_lost_lines_total") ?? 0;
      if (first instanceof Error) expect(lost, what).toBe(whole.length - left.length);
    }
    // The store goes on: it takes lines, and merges.
    await store.append([entries({ app: "new" }, [{ timeNs: NOON_NS, line: "x" }])]);
    await store.compact();
    expect((await dump(store)).length, what).toBe(left.length + 1);
  } finally {
    await store.close();
  }
}

test("a flipped bit in any region costs no more than its block", { timeout: 120_000 }, async () => {
  for (const [i, { name, from, to, linesMax }] of regions.entries()) {
    const random = seededRandom(i);
    const at = from + random.below(to - from);
    await survives(`bit of byte ${at} in ${name}`, linesMax, (path) => {
      const bytes = readFileSync(path);
      bytes[at]! ^= 1 << random.below(8);
      writeFileSync(path, bytes);
    });
  }
});

test("a file cut short is put aside, and the store goes on", { timeout: 60_000 }, async () => {
  const random = seededRandom(5);
  for (let i = 0; i < 6; i++) {
    const share = random.next();
    await survives(`cut to ${share}`, whole.length, (path) => {
      truncateSync(path, Math.floor(share * readFileSync(path).length));
    });
  }
});

test("a merge of a damaged part keeps the rest of it and all of the others", async () => {
  using folder = new TestFolder();
  cpSync(original.path, folder.path, { recursive: true });
  const store = await openStore(folder.path);
  await store.append([entries({ app: "a0" }, [{ timeNs: NOON_NS - 1n, line: "beside" }])]);
  const path = join(folder.path, "parts", DAY, part);
  copyFileSync(path, join(folder.path, "copy"));
  const bytes = readFileSync(path);
  const { from, linesMax } = regions.find(({ name }) => name === "group 0 of block 1")!;
  bytes[from + 20]! ^= 4;
  writeFileSync(path, bytes);
  await store.compact();
  const left = await dump(store);
  expect(left.length).toBe(whole.length - linesMax + 1);
  expect(left[0]).toContain("beside");
  expect(store.stats()).toMatchObject({ parts: 1, partLines: left.length });
  await store.close();
});
