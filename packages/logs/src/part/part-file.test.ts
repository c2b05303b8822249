/** What is damaged is told with the file and the place, and the format does not change unnoticed. */
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BinnacleError, Labels, seededRandom, type LogBlock } from "@binnacle/model";
import { expect, test } from "vitest";
import { NOON_NS, TestFolder } from "../testing/fixtures.ts";
import { BlockCache } from "../read/block-cache.ts";
import { readerOf } from "../read/part-reader.ts";
import { unixTimes } from "./block-codec.ts";
import { PartFile } from "./part-file.ts";
import { PartWriter } from "./part-writer.ts";

const TESTDATA = join(import.meta.dirname, "../../testdata");

function block(labels: Labels, lines: readonly (readonly [number, string, string[]?])[]): LogBlock {
  const encoded = lines.map(([, text]) => Buffer.from(text, "latin1"));
  const offsets = new Uint32Array(lines.length + 1);
  encoded.forEach((bytes, i) => (offsets[i + 1] = offsets[i]! + bytes.length));
  return {
    labels,
    timesNs: BigInt64Array.from(lines, ([seconds]) => NOON_NS + BigInt(seconds) * 1_000_000_000n),
    bytes: Buffer.concat(encoded),
    offsets,
    metadata: lines.map(([, , pairs]) => pairs),
  };
}

const BLOCKS = [
  block(Labels.fromObject({ app: "a" }), [
    [0, "first"],
    [0, "\xff\0 bytes", ["trace", "é"]],
    [7, ""],
  ]),
  block(Labels.fromObject({ app: "a", pod: "p" }), [[-3, "second\r"]]),
];

function writeSample(path: string): void {
  using writer = new PartWriter(path, 3);
  for (const sample of BLOCKS) {
    writer.beginStream(sample.labels);
    writer.add(sample, 0, sample.timesNs.length);
  }
  expect(writer.finish()).toBe(true);
}

/** Everything a part says, as text. */
function read(path: string): string[] {
  using part = new PartFile(path);
  const { index } = part;
  const lines: string[] = [];
  for (let run = 0; run < index.runs.stream.length; run++) {
    const number = index.runs.block[run]!;
    const { baseNs, lines: count } = index.blocks[number]!;
    const times = unixTimes(part.readTimes(number), baseNs, 0, count);
    // A plain block's text needs neither, but they must be told from damage too.
    part.readDirectory(number);
    part.readRows(number);
    part.readTemplates();
    const { bytes, offsets } = readerOf(part, new BlockCache(1e6)).block(number).all;
    const metadata = part.readMetadata(number);
    const first = index.runs.firstRow[run]!;
    for (let row = first; row < first + index.runs.lines[run]!; row++) {
      const text = Buffer.from(bytes.subarray(offsets[row], offsets[row + 1])).toString("latin1");
      const labels = index.streams[index.runs.stream[run]!]!;
      lines.push(
        `${labels.toString()} ${times[row]} ${JSON.stringify(text)} ${(metadata?.[row] ?? []).join("=")}`,
      );
    }
  }
  return lines;
}

const WANTED = [
  `{app="a"} ${NOON_NS} "first" `,
  `{app="a"} ${NOON_NS} "ÿ\\u0000 bytes" trace=é`,
  `{app="a"} ${NOON_NS + 7_000_000_000n} "" `,
  `{app="a", pod="p"} ${NOON_NS - 3_000_000_000n} "second\\r" `,
];

test("gives back what was written", () => {
  using folder = new TestFolder();
  const path = join(folder.path, "x.part");
  writeSample(path);
  expect(read(path)).toEqual(WANTED);
});

test.for([2, 3])("reads the golden file of format version %i", (version) => {
  expect(read(join(TESTDATA, `golden-${version}.part`))).toEqual(WANTED);
});

test("a part without lines is not made", () => {
  using folder = new TestFolder();
  using writer = new PartWriter(join(folder.path, "x.part"), 3);
  writer.beginStream(Labels.fromObject({ app: "a" }));
  expect(writer.finish()).toBe(false);
});

test("every cut of the file is told", () => {
  using folder = new TestFolder();
  const whole = join(folder.path, "whole.part");
  writeSample(whole);
  const { length } = readFileSync(whole);
  for (let bytes = 0; bytes < length; bytes++) {
    const path = join(folder.path, "cut.part");
    copyFileSync(whole, path);
    truncateSync(path, bytes);
    expectDamage(path, `cut to ${bytes}`);
  }
});

test("every byte that changes is told; where it stands twice, nothing is lost", () => {
  using folder = new TestFolder();
  const whole = join(folder.path, "whole.part");
  writeSample(whole);
  const bytes = readFileSync(whole);
  let saved = 0;
  for (let at = 0; at < bytes.length; at++) {
    // Two bytes of the header are reserved.
    if (at === 6 || at === 7) continue;
    for (const mask of [0x01, 0x80]) {
      const path = join(folder.path, "flipped.part");
      const changed = Buffer.from(bytes);
      changed[at] = changed[at]! ^ mask;
      writeFileSync(path, changed);
      const what = `bit ${mask} of byte ${at}`;
      let found: string[] | undefined;
      try {
        found = read(path);
      } catch {
        expectDamage(path, what);
        continue;
      }
      saved++;
      expect(found, what).toEqual(WANTED);
      using part = new PartFile(path);
      part.checkCopies();
      expect(part.damage.join("\n"), what).toContain(path);
    }
  }
  expect(saved).toBeGreaterThan(200);
});

test("random bytes are no part", () => {
  using folder = new TestFolder();
  mkdirSync(folder.path, { recursive: true });
  const random = seededRandom(7);
  for (let i = 0; i < 200; i++) {
    const path = join(folder.path, "random.part");
    writeFileSync(
      path,
      Uint8Array.from({ length: random.below(200) }, () => random.below(256)),
    );
    expectDamage(path, `random ${i}`);
  }
});

function expectDamage(path: string, what: string): void {
  let error: unknown;
  try {
    read(path);
  } catch (caught) {
    error = caught;
  }
  expect(error, what).toBeInstanceOf(BinnacleError);
  expect((error as BinnacleError).code, what).toBe("CORRUPT_DATA");
  expect((error as BinnacleError).message, what).toContain(path);
}
