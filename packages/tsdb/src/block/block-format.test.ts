/**
 * Holds the format of blocks to its bytes: `golden-1.block` and `golden-2.block` were written by versions 1
 * and 2 and must stay readable, `golden-3.block` by this one, and what is written now must have the same
 * pages. BINNACLE_UPDATE_GOLDEN=1 writes the last anew, which only a new version may need.
 */
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Labels, setStaleAt, wordsOf, type Histogram } from "@binnacle/model";
import { expect, test } from "vitest";
import { TestDir } from "../test-store.ts";
import { BlockFile } from "./block-file.ts";
import { BlockReader } from "./block-reader.ts";
import { BlockWriter } from "./block-writer.ts";
import { SECTIONS } from "./footer.ts";
import { PageCache } from "./page-cache.ts";

const GOLDEN_1 = new URL("golden-1.block", import.meta.url).pathname;
const GOLDEN_2 = new URL("golden-2.block", import.meta.url).pathname;
const GOLDEN = new URL("golden-3.block", import.meta.url).pathname;
/** Columns in blocks of versions 1 and 2, and in those of this one, which writes one more codec. */
const COLUMNS_2 = 5;
const COLUMNS = 6;
const ALL_TIME = { startMs: 0, endMs: 2 ** 50 };

const ROWS = Float64Array.from({ length: 40 }, (_, i) => 1_700_000_000_000 + i * 15_000 + (i % 3));
const HISTOGRAM: Histogram = {
  schema: 3,
  isInteger: true,
  counterResetHint: "not_reset",
  count: 12,
  sum: 18.4,
  zeroThreshold: 0.001,
  zeroCount: 2,
  positiveSpans: [
    { offset: 0, length: 2 },
    { offset: 1, length: 1 },
  ],
  positiveCounts: Float64Array.of(5, 3, 2),
  negativeSpans: [],
  negativeCounts: new Float64Array(0),
  customBounds: undefined,
};
const BOUNDED: Histogram = {
  ...HISTOGRAM,
  schema: -53,
  isInteger: false,
  counterResetHint: "gauge",
  customBounds: Float64Array.of(0.5, 1),
};

/** Values of series k: one for each codec. */
function column(k: number): Float64Array {
  const values = Float64Array.from(
    ROWS,
    (_, i) => [7, i * 3, ((i * 37) % 50) / 4, Math.sqrt(i), sumOf(i), (i * 37) % 50][k]!,
  );
  if (k === 2) setStaleAt(wordsOf(values), 39);
  return values;
}

function sumOf(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += 0.1;
  return sum;
}

function writeBlock(path: string, columns: number): void {
  const writer = new BlockWriter(path, { zstdLevel: 3, oldestGeneration: 7 });
  for (let k = 0; k < columns; k++) {
    const startTimes = k === 1 ? ROWS.map((time) => (time < ROWS[20]! ? 0 : ROWS[20]!)) : undefined;
    const series = Labels.fromObject({ __name__: "all_rows", codec: String(k), Zone: "é" });
    writer.add(series, { times: ROWS, values: column(k), startTimes, rowTimes: ROWS }, undefined);
  }
  const some = ROWS.filter((_, i) => i < 5 || i > 30);
  const gaps = { times: some, values: some.map((_, i) => i), startTimes: undefined, rowTimes: ROWS };
  writer.add(Labels.fromObject({ __name__: "some_rows" }), gaps, undefined);
  const own = {
    times: ROWS.map((time) => time + 7),
    values: column(1),
    startTimes: undefined,
    rowTimes: undefined,
  };
  const histograms = { times: ROWS.slice(0, 2), values: [HISTOGRAM, BOUNDED], startTimes: undefined };
  writer.add(Labels.fromObject({ __name__: "times_of_its_own" }), own, histograms);
  writer.finish();
}

function describeBlock(path: string): unknown {
  using block = new BlockReader(path, new PageCache(2 ** 20));
  return Array.from({ length: block.index.seriesCount }, (_, series) => {
    const { floats, histograms } = block.read(series, ALL_TIME);
    return { labels: block.index.labels(series).toString(), floats: floats.map(plainFloats), histograms };
  });
}

function plainFloats(piece: {
  times: Float64Array;
  values: Float64Array;
  startTimes: Float64Array | undefined;
}): object {
  return {
    times: [...piece.times],
    words: [...wordsOf(piece.values)],
    startTimes: piece.startTimes && [...piece.startTimes],
  };
}

/** Unpacked pages, since zstd may pack the same bytes otherwise in its next version. */
function pagesOf(path: string): unknown {
  using file = new BlockFile(path, new PageCache(2 ** 20));
  const { sections: _, ...facts } = file.footer;
  const pages = SECTIONS.map((name) =>
    file.footer.sections[name].offsets.map((_offset, i) => Buffer.from(file.page(name, i)).toString("hex")),
  );
  return { facts, pages };
}

test("a block is written as it always was, and read as those of earlier versions are", () => {
  using dir = new TestDir();
  const path = join(dir.path, "new.block");
  writeBlock(path, COLUMNS);
  if (process.env["BINNACLE_UPDATE_GOLDEN"] === "1") copyFileSync(path, GOLDEN);
  expect(pagesOf(path)).toEqual(pagesOf(GOLDEN));
  const earlier = join(dir.path, "earlier.block");
  writeBlock(earlier, COLUMNS_2);
  for (const [golden, version, like] of [
    [GOLDEN_1, 1, earlier],
    [GOLDEN_2, 2, earlier],
    [GOLDEN, 3, path],
  ] as const) {
    expect(describeBlock(golden)).toEqual(describeBlock(like));
    expect(readFileSync(golden).readUInt32LE(8)).toBe(version);
  }
});

test("the golden block holds what was put into it", () => {
  using block = new BlockReader(GOLDEN, new PageCache(2 ** 20));
  const { index } = block;
  expect(index.seriesCount).toBe(8);
  for (let k = 0; k < COLUMNS; k++) {
    const series = index.select([{ name: "codec", op: "=", value: String(k) }]);
    expect(series).toHaveLength(1);
    const { floats } = block.read(series[0]!, ALL_TIME);
    expect(floats[0]!.times).toEqual(ROWS);
    expect(wordsOf(floats[0]!.values)).toEqual(wordsOf(column(k)));
  }
  const own = index.findSeries(Labels.fromObject({ __name__: "times_of_its_own" }));
  expect(block.read(own, ALL_TIME).histograms[0]!.values).toEqual([HISTOGRAM, BOUNDED]);
  expect(index.nameSymbols().map((symbol) => index.symbol(symbol))).toEqual(["Zone", "__name__", "codec"]);
});

const SELECTIONS = [
  ['__name__="all_rows"', [{ name: "__name__", op: "=", value: "all_rows" }], 6],
  ['codec=~"1|3|9"', [{ name: "codec", op: "=~", value: "1|3|9" }], 2],
  ['codec=~"[2-9]"', [{ name: "codec", op: "=~", value: "[2-9]" }], 4],
  ['codec=""', [{ name: "codec", op: "=", value: "" }], 2],
  ['codec!=""', [{ name: "codec", op: "!=", value: "" }], 6],
  ['codec!="1"', [{ name: "codec", op: "!=", value: "1" }], 7],
  ['codec=~"1|"', [{ name: "codec", op: "=~", value: "1|" }], 3],
  ['codec!~".+"', [{ name: "codec", op: "!~", value: ".+" }], 2],
  ['absent=""', [{ name: "absent", op: "=", value: "" }], 8],
  ['absent!=""', [{ name: "absent", op: "!=", value: "" }], 0],
  ['absent=~".*"', [{ name: "absent", op: "=~", value: ".*" }], 8],
  [
    'Zone="é", codec=~".*"',
    [
      { name: "Zone", op: "=", value: "é" },
      { name: "codec", op: "=~", value: ".*" },
    ],
    6,
  ],
] as const;

test.for(SELECTIONS)("{%s} finds %i series in a block", ([, matchers, count]) => {
  using block = new BlockReader(GOLDEN, new PageCache(2 ** 20));
  expect(block.index.select(matchers)).toHaveLength(count);
});
