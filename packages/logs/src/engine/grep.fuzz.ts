/**
 * The long form of grep.test.ts, block by block: for a million pairs of a block and a literal, the
 * lines a part's block finds are those that a plain scan finds, and what it puts together is what went
 * in. A seed is printed on failure; FUZZ_SEED and FUZZ_PAIRS override the first and how many.
 */
import { join } from "node:path";
import { Labels, seededRandom, type Random } from "@binnacle/model";
import { expect, test } from "vitest";
import { Needle } from "../part/needle.ts";
import { PartFile } from "../part/part-file.ts";
import { PartWriter } from "../part/part-writer.ts";
import { BlockCache } from "../read/block-cache.ts";
import { readerOf } from "../read/part-reader.ts";
import { NOON_NS, TestFolder } from "../testing/fixtures.ts";

const FIRST_SEED = Number(process.env["FUZZ_SEED"] ?? 1);
const PAIRS = Number(process.env["FUZZ_PAIRS"] ?? 1_000_000);
const LITERALS_PER_BLOCK = 1000;

const PIECES = [
  "error",
  "user",
  "é",
  "\u001b[0m",
  "x",
  "a.b*c",
  "0",
  "007",
  "=",
  " ",
  "-",
  "/",
  "\0",
  "\n",
  "日",
];

function makeLine(random: Random, number: number): string {
  const count = random.below(10);
  const pieces = Array.from({ length: count }, () => {
    switch (random.below(7)) {
      case 0:
        return String(random.below(10 ** (1 + random.below(15))));
      case 1:
        return String(random.below(1000)).padStart(4, "0");
      case 2:
        return random.below(2 ** 31).toString(16);
      case 3:
        return `blk_${number}`;
      case 4:
        return `h${random.below(5)}`;
      default:
        return PIECES[random.below(PIECES.length)]!;
    }
  });
  return pieces.join(["", " ", ":", ", "][random.below(4)]);
}

/** A few shapes repeated with other values, as logs are, and lines like no other. */
function makeLines(random: Random): Buffer[] {
  const shapes = Array.from({ length: 1 + random.below(6) }, () => makeLine(random, 0));
  const lines = Array.from({ length: 1 + random.below(150) }, (_, i) => {
    if (random.below(8) === 0) return makeLine(random, i);
    const shape = shapes[random.below(shapes.length)]!;
    return random.below(3) === 0
      ? shape
      : shape.replace(/\d/g, (digit) => (random.below(2) === 0 ? digit : String(random.below(10))));
  });
  return lines.map((line) => (random.below(50) === 0 ? Buffer.from(line, "latin1") : Buffer.from(line)));
}

function makeLiteral(random: Random, lines: readonly Buffer[]): Buffer {
  const line = lines[random.below(lines.length)]!;
  const start = random.below(line.length + 1);
  const literal = Buffer.from(line.subarray(start, start + 1 + random.below(12)));
  if (literal.length === 0) return Buffer.from(PIECES[random.below(PIECES.length)]!);
  if (random.below(3) === 0)
    literal[random.below(literal.length)] = [0x30, 0x61, 0x20, 0x39, 0][random.below(5)]!;
  return literal;
}

test(`${PAIRS} literals are found where a scan finds them`, { timeout: 3_600_000 }, () => {
  for (let seed = FIRST_SEED, pairs = 0; pairs < PAIRS; seed++) {
    using folder = new TestFolder();
    const random = seededRandom(seed);
    const path = join(folder.path, "fuzz.part");
    const lines = makeLines(random);
    const offsets = new Uint32Array(lines.length + 1);
    lines.forEach((line, i) => (offsets[i + 1] = offsets[i]! + line.length));
    const labels = Labels.fromObject({ app: "fuzz" });
    const timesNs = BigInt64Array.from(lines, (_, i) => NOON_NS + BigInt(i));
    const block = { labels, timesNs, bytes: Buffer.concat(lines), offsets, metadata: undefined };
    using writer = new PartWriter(path, 3);
    writer.beginStream(labels);
    writer.add(block, 0, lines.length);
    writer.finish();
    using part = new PartFile(path);
    const text = readerOf(part, new BlockCache(1_000_000)).block(0);
    expect(text.lengths, `seed ${seed}`).toEqual(Uint32Array.from(lines, (line) => line.length));
    const all = Uint32Array.from(lines, (_, i) => i);
    const read = text.read(all);
    const got = lines.map((_, i) => Buffer.from(read.bytes.subarray(read.offsets[i], read.offsets[i + 1])));
    expect(got, `seed ${seed}`).toEqual(lines);
    for (let i = 0; i < LITERALS_PER_BLOCK; i++, pairs++) {
      const literal = makeLiteral(random, lines);
      const wanted = all.filter((row) => lines[row]!.includes(literal));
      const needle = new Needle(literal);
      const found = text.find(needle);
      const place = `seed ${seed}, literal ${JSON.stringify(literal.toString("latin1"))}`;
      if (!found.every((row, k) => row === wanted[k]) || found.length !== wanted.length) {
        expect([...found], place).toEqual([...wanted]);
      }
      if (wanted.length > 0 && !text.mayHold(needle))
        throw new Error(`${place}: it may not hold what it holds`);
    }
  }
});
