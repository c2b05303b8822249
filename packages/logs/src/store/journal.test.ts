/** The journal's records, and what of a damaged journal is told and what is saved. */
import { copyFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NO_LOGGER, type Logger } from "@binnacle/model";
import { expect, test } from "vitest";
import { dump, entries, NOON_NS, openStore, TestFolder } from "../testing/fixtures.ts";
import { decodeBatch, encodeBatch } from "./batch-record.ts";
import { Journal } from "./journal.ts";
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

test("the store starts without a damaged journal, says so and keeps the file", async () => {
  using folder = new TestFolder();
  const errors: string[] = [];
  const logger: Logger = { ...NO_LOGGER, error: (_fields, message) => void errors.push(message) };
  let store = await openStore(folder.path);
  await store.append([entries({ app: "a" }, [{ timeNs: NOON_NS, line: "sealed" }])]);
  await store.compact();
  await store.append([entries({ app: "a" }, [{ timeNs: NOON_NS, line: "x".repeat(50_000) }])]);
  await store.close();
  const journal = readdirSync(join(folder.path, "journal")).find((name) => name.endsWith(".mdb"));
  truncateSync(join(folder.path, "journal", journal!), 20_000);
  store = await openStore(folder.path, { logger });
  expect(errors).toEqual(["a log journal is damaged and is put aside"]);
  expect((await dump(store)).length).toBe(1);
  await store.append([entries({ app: "a" }, [{ timeNs: NOON_NS, line: "new" }])]);
  expect((await dump(store)).length).toBe(2);
  await store.close();
  expect(readdirSync(join(folder.path, "journal"))).toContain(`${journal}.damaged`);
});

test("a directory of another version is refused", async () => {
  using folder = new TestFolder();
  writeFileSync(join(folder.path, "VERSION"), "binnacle-logs 99\n");
  await expect(openStore(folder.path)).rejects.toThrow(
    'version is "binnacle-logs 99", expected "binnacle-logs 1"',
  );
});
