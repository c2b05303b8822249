/** The journal's records, and what of a damaged journal is told and what is saved. */
import { copyFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { NO_LOGGER, seededRandom, type Logger } from "@binnacle/model";
import { expect, test } from "vitest";
import { dump, entries, NOON_NS, openStore, TestFolder } from "../testing/fixtures.ts";
import { sectionRuns } from "../read/section-runs.ts";
import { decodeBatch, encodeBatch } from "./batch-record.ts";
import { Journal, readJournal } from "./journal.ts";
import { readSection } from "./section.ts";

const GOLDEN = join(import.meta.dirname, "../../testdata/golden.journal-record");

const SAMPLE = [
  entries({ app: "a", pod: "é" }, [
    { timeNs: NOON_NS + 5n, line: "later" },
    { timeNs: NOON_NS, line: "", metadata: ["k", "v"] },
  ]),
  entries({}, [{ timeNs: -1n, line: new Uint8Array([0, 255]) }]),
];

function describe(record: Uint8Array): string[] {
  const described: string[] = [];
  for (const { labels, section } of decodeBatch(record, "the record")) {
    const read = readSection(section.slice().buffer, 0, "x");
    described.push(`${labels.toString()} ${read.minNs}..${read.maxNs} ${read.isAscending}`);
    const column = read.metadata();
    for (let i = 0; i < read.lines; i++) {
      const bytes = Buffer.from(read.text.subarray(read.offsets[i], read.offsets[i + 1])).toString("latin1");
      described.push(`${read.timesNs[i]} ${JSON.stringify(bytes)} ${(column?.[i] ?? []).join("=")}`);
    }
  }
  return described;
}

const WANTED = [
  `{app="a", pod="é"} ${NOON_NS}..${NOON_NS + 5n} false`,
  `${NOON_NS + 5n} "later" `,
  `${NOON_NS} "" k=v`,
  "{} -1..-1 true",
  '-1 "\\u0000ÿ" ',
];

function encodeSample(): Uint8Array {
  const admitted = SAMPLE.map((sample) => ({ entries: sample, kept: [...sample.lines.keys()] }));
  return encodeBatch(admitted).record;
}

test("a record is byte for byte the golden one, and reads back", () => {
  const record = encodeSample();
  expect(Buffer.from(record).equals(readFileSync(GOLDEN))).toBe(true);
  expect(describe(record)).toEqual(WANTED);
});

test("every cut and every changed byte of a record is told", () => {
  const record = encodeSample();
  for (let bytes = 0; bytes < record.length; bytes++) {
    expect(() => decodeBatch(record.slice(0, bytes), "the record"), `cut to ${bytes}`).toThrow(
      "the record is damaged",
    );
  }
  for (let at = 0; at < record.length; at++) {
    const changed = record.slice();
    changed[at]! ^= 0x10;
    expect(() => decodeBatch(changed, "the record"), `byte ${at}`).toThrow("the record is damaged");
  }
});

test("a record whose bytes are wrong and whose checksum is right is told, or read", () => {
  const whole = encodeSample();
  let told = 0;
  for (let i = 0; i < 4000; i++) {
    const random = seededRandom(i);
    const changed = Buffer.from(
      whole.subarray(0, random.below(8) === 0 ? random.below(whole.length) : undefined),
    );
    for (let times = random.below(3); times >= 0 && changed.length > 4; times--) {
      changed[4 + random.below(changed.length - 4)] = random.below(4) === 0 ? 0xff : random.below(256);
    }
    if (changed.length >= 4) changed.writeUInt32LE(crc32(changed.subarray(4)));
    try {
      for (const { section } of decodeBatch(changed, "the record")) {
        const [run] = sectionRuns([section.slice().buffer], Uint32Array.of(0, 0), 0);
        const { timesNs, offsets } = run!.open();
        expect(offsets.length, `mutation ${i}`).toBe(timesNs.length + 1);
      }
    } catch (error) {
      expect(error, `mutation ${i}`).toMatchObject({ code: "CORRUPT_DATA" });
      told++;
    }
  }
  expect(told).toBeGreaterThan(500);
});

test("a journal that is shorter than it says is put aside, not opened", async () => {
  using folder = new TestFolder();
  const path = join(folder.path, "x.mdb");
  await using journal = Journal.open(path);
  for (let i = 0; i < 20; i++) await journal.append(new Uint8Array(10_000).fill(i));
  const cut = join(folder.path, "cut.mdb");
  for (const bytes of [1, 100, 5000, 20_000, 100_000]) {
    copyFileSync(path, cut);
    truncateSync(cut, bytes);
    expect(() => Journal.open(cut), `${bytes}`).toThrow(`${cut} is damaged`);
  }
  writeFileSync(cut, "what is no LMDB file at all, but long enough to be looked at".repeat(200));
  expect(() => Journal.open(cut)).toThrow("it does not begin as an LMDB file");
});

test("the store takes what a damaged journal still says, tells what it does not, and keeps a copy", async () => {
  using folder = new TestFolder();
  const errors: string[] = [];
  const logger: Logger = { ...NO_LOGGER, error: (_fields, message) => void errors.push(message) };
  let store = await openStore(folder.path);
  await store.append([entries({ app: "a" }, [{ timeNs: NOON_NS, line: "sealed" }])]);
  await store.compact();
  const written: number[] = [];
  for (let i = 1; i <= 60; i++) {
    await store.append([entries({ app: "a" }, [{ timeNs: NOON_NS + BigInt(i), line: "x".repeat(50 * i) }])]);
    written.push(i);
  }
  await store.close();
  const journal = readdirSync(join(folder.path, "journal")).find((name) => name.endsWith(".mdb"))!;
  const path = join(folder.path, "journal", journal);
  truncateSync(path, statSync(path).size / 2);
  store = await openStore(folder.path, { logger });
  expect(errors).toEqual(["a log journal is damaged: what can be read of it is taken, and a copy is kept"]);
  const found = (await dump(store)).length - 1;
  // About half of it is there, but for what was written over.
  expect(found).toBeGreaterThan(5);
  expect(found).toBeLessThan(written.length);
  await store.append([entries({ app: "a" }, [{ timeNs: NOON_NS + 100n, line: "new" }])]);
  await store.compact();
  expect((await dump(store)).length).toBe(found + 2);
  await store.close();
  expect(readdirSync(join(folder.path, "journal"))).toContain(`${journal}.damaged`);
});

test("a bit that is flipped anywhere in a journal costs the records of its page at most", async () => {
  using folder = new TestFolder();
  const store = await openStore(folder.path);
  const lines = 40;
  for (let i = 0; i < lines; i++) {
    // Some have pages of their own, most share one.
    const line = `${i} ${"y".repeat(i % 8 === 0 ? 6000 : 150)}`;
    await store.append([entries({ app: "a" }, [{ timeNs: NOON_NS + BigInt(i), line }])]);
  }
  await store.close();
  const journalDir = join(folder.path, "journal");
  const path = join(
    journalDir,
    readdirSync(journalDir).find((name) => name.endsWith(".mdb"))!,
  );
  const whole = readFileSync(path);
  const random = seededRandom(3);
  const damaged = join(folder.path, "flipped.mdb");
  let told = 0;
  for (let round = 0; round < 400; round++) {
    const bytes = Buffer.from(whole);
    const at = random.below(bytes.length);
    bytes[at]! ^= 1 << random.below(8);
    writeFileSync(damaged, bytes);
    const messages: string[] = [];
    const found = [...readJournal(damaged, (message) => messages.push(message))].map(
      ({ streams }) => streams[0]!.section,
    );
    told += messages.length > 0 ? 1 : 0;
    for (const message of messages) expect(message).toContain(damaged);
    // A page of 4 KB holds at most this many of the small ones.
    expect(found.length, `byte ${at}`).toBeGreaterThan(lines - 20);
    if (found.length < lines) expect(messages, `byte ${at}`).not.toEqual([]);
  }
  expect(told).toBeGreaterThan(20);
});

test("a directory of another version is refused", async () => {
  using folder = new TestFolder();
  writeFileSync(join(folder.path, "VERSION"), "binnacle-logs 99\n");
  await expect(openStore(folder.path)).rejects.toThrow(
    'version is "binnacle-logs 99", expected "binnacle-logs 1"',
  );
});
