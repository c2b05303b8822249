/**
 * Pairs of a block and a query for which the store must find what a scan finds: lines as logs have them,
 * recorded ones where they are at hand, and queries cut from them and changed.
 */
import fs from "node:fs";
import { join } from "node:path";
import { Labels, type LogBlock, type Random } from "@binnacle/model";
import { Regexp } from "@binnacle/re2";
import { compileBlockFilter } from "../engine/line-filter.ts";
import type { LineFilterStage } from "../parser/ast.ts";
import { Needle } from "../part/needle.ts";
import { PartFile } from "../part/part-file.ts";
import { PartWriter } from "../part/part-writer.ts";
import { BlockCache } from "../read/block-cache.ts";
import { mergeRuns } from "../read/merge-runs.ts";
import { readerOf } from "../read/part-reader.ts";
import { partRuns } from "../read/part-runs.ts";
import { NOON_NS } from "./fixtures.ts";

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

/** Lines of recorded systems; none where BINNACLE_SHARED has none. */
export function recordedLines(): readonly Buffer[] {
  const folder = join(process.env["BINNACLE_SHARED"] ?? "../shared", "data/logs");
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith("_2k.log"))
    .flatMap((name) => fs.readFileSync(join(folder, name), "latin1").split(/\r?\n/))
    .map((line) => Buffer.from(line, "latin1"));
}

function makeLine(random: Random, number: number): string {
  const pieces = Array.from({ length: random.below(10) }, () => {
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

/** A few shapes repeated with other values, as logs are, lines like no other, and recorded ones. */
function makeLines(random: Random, recorded: readonly Buffer[]): Buffer[] {
  const shapes = Array.from({ length: 1 + random.below(6) }, () => makeLine(random, 0));
  const recordedAt = recorded.length === 0 || random.below(2) === 0 ? -1 : random.below(recorded.length);
  return Array.from({ length: 1 + random.below(150) }, (_, i) => {
    let line = random.below(8) === 0 ? makeLine(random, i) : shapes[random.below(shapes.length)]!;
    if (recordedAt >= 0) line = recorded[(recordedAt + i) % recorded.length]!.toString("latin1");
    if (random.below(3) !== 0) {
      line = line.replaceAll(/\d/g, (digit) => (random.below(2) === 0 ? digit : String(random.below(10))));
    }
    return Buffer.from(line, recordedAt >= 0 || random.below(50) === 0 ? "latin1" : "utf8");
  });
}

/** A piece of some line, now and then with another byte in it. */
function cut(random: Random, lines: readonly Buffer[]): Buffer {
  const line = lines[random.below(lines.length)]!;
  const start = random.below(line.length + 1);
  const piece = Buffer.from(line.subarray(start, start + 1 + random.below(12)));
  if (piece.length === 0) return Buffer.from(PIECES[random.below(PIECES.length)]!);
  if (random.below(3) === 0)
    piece[random.below(piece.length)] = [0x30, 0x61, 0x20, 0x39, 0][random.below(5)]!;
  return piece;
}

/** A whole word of some line. */
function cutWord(random: Random, lines: readonly Buffer[]): string {
  const words = lines[random.below(lines.length)]!.toString().match(/[\p{L}\p{N}]+/gu) ?? ["none"];
  return words[random.below(words.length)]!;
}

function quote(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function makePattern(random: Random, lines: readonly Buffer[]): string {
  const piece = quote(cut(random, lines).toString());
  const other = quote(cutWord(random, lines));
  switch (random.below(9)) {
    case 0:
      return `(?i)${piece}`;
    case 1:
      return `^${piece}`;
    case 2:
      return `${piece}$`;
    case 3:
      return `${other}.*${piece}`;
    case 4:
      return piece.replaceAll(/\d+/g, String.raw`\d+`);
    case 5:
      return piece.replaceAll(/[a-z]+/g, "[a-z]+");
    case 6:
      return `${piece}|${other}`;
    case 7:
      return String.raw`\b${other}\b`;
    default:
      return `${other}[^ ]* ?[0-9a-f]{1,3}`;
  }
}

function makeStage(random: Random, lines: readonly Buffer[]): LineFilterStage {
  const op = (["|=", "!=", "|~", "!~"] as const)[random.below(4)]!;
  const isLiteral = op === "|=" || op === "!=";
  const values = Array.from({ length: random.below(6) === 0 ? 2 : 1 }, () => {
    const literal = random.below(2) === 0 ? cut(random, lines).toString() : cutWord(random, lines);
    return { kind: "text" as const, text: isLiteral ? literal : makePattern(random, lines) };
  });
  return { kind: "line_filter", position: { line: 1, column: 1 }, op, values };
}

/** The scan that the store must equal. */
function scan({ op, values }: LineFilterStage, lines: readonly Buffer[]): number[] {
  const isLiteral = op === "|=" || op === "!=";
  const tests = values.map(({ text }) => {
    if (isLiteral) {
      const literal = Buffer.from(text);
      return (line: Buffer) => line.includes(literal);
    }
    const re = Regexp.compile(text);
    return (line: Buffer) => re.test(line.toString());
  });
  const wanted: number[] = [];
  lines.forEach((line, row) => {
    if (tests.some((test) => test(line)) === op.startsWith("|")) wanted.push(row);
  });
  return wanted;
}

export interface PairOptions {
  readonly folder: string;
  readonly random: Random;
  readonly recorded: readonly Buffer[];
  /** How many queries are asked of the block. */
  readonly queries: number;
}

/** Makes a block, asks it, and answers the first thing that is not as a scan has it. */
export function checkPairs({ folder, random, recorded, queries }: PairOptions): string | undefined {
  const lines = makeLines(random, recorded);
  using part = writePart(join(folder, "pairs.part"), lines);
  const cache = new BlockCache(random.below(2) === 0 ? 1_000_000 : 5000);
  const text = readerOf(part, cache).block(0);
  const all = Uint32Array.from(lines, (_, row) => row);
  const read = text.read(all);
  for (const row of all) {
    const got = Buffer.from(read.bytes.subarray(read.offsets[row], read.offsets[row + 1]));
    if (!got.equals(lines[row]!))
      return `line ${row} comes back as ${JSON.stringify(got.toString("latin1"))}`;
    if (text.lengths[row] !== lines[row]!.length)
      return `line ${row} is said to have ${text.lengths[row]} bytes`;
  }
  const block = openBlock(part, cache);
  for (let i = 0; i < queries; i++) {
    if (random.below(3) === 0) {
      const literal = cut(random, lines);
      const wanted = all.filter((row) => lines[row]!.includes(literal));
      const needle = new Needle(literal);
      const difference = compare(text.find(needle), wanted);
      const query = `literal ${JSON.stringify(literal.toString("latin1"))}`;
      if (difference !== undefined) return `${query}: ${difference}`;
      if (wanted.length > 0 && !text.mayHold(needle)) return `${query}: it may not hold what it holds`;
      continue;
    }
    const stage = makeStage(random, lines);
    const among = random.below(4) === 0 ? all.filter(() => random.below(2) === 0) : undefined;
    const found = compileBlockFilter(stage).select(block, among);
    const wanted = scan(stage, lines).filter((row) => among === undefined || among.includes(row));
    const difference = compare(found, wanted);
    if (difference !== undefined) return `${JSON.stringify(stage)}: ${difference}`;
  }
  return undefined;
}

function compare(found: ArrayLike<number>, wanted: ArrayLike<number>): string | undefined {
  let isSame = found.length === wanted.length;
  for (let k = 0; isSame && k < found.length; k++) isSame = found[k] === wanted[k];
  return isSame ? undefined : `lines ${Array.from(found).join()}; a scan finds ${Array.from(wanted).join()}`;
}

function writePart(path: string, lines: readonly Buffer[]): PartFile {
  const offsets = new Uint32Array(lines.length + 1);
  lines.forEach((line, i) => (offsets[i + 1] = offsets[i]! + line.length));
  const labels = Labels.fromObject({ app: "pairs" });
  const timesNs = BigInt64Array.from(lines, (_, i) => NOON_NS + BigInt(i));
  using writer = new PartWriter(path, 3);
  writer.beginStream(labels);
  writer.add({ labels, timesNs, bytes: Buffer.concat(lines), offsets, metadata: undefined }, 0, lines.length);
  writer.finish();
  return new PartFile(path);
}

function openBlock(part: PartFile, cache: BlockCache): LogBlock {
  const range = { startNs: NOON_NS, endNs: NOON_NS + 1_000_000_000n, direction: "forward" as const };
  const runs = partRuns(part, 0, { sequence: 0, cache, needles: [] });
  for (const block of mergeRuns(part.index.streams[0]!, runs, range)) return block;
  throw new Error("the part has no block");
}
