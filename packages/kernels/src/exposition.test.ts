/** The guided walk by itself: where it goes on, where it stops, and what it makes of numbers. */
import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { ALWAYS_READ, GuidedWalk, type LineTable, SLOW_SAMPLE } from "./index.ts";

interface GuideLine {
  readonly text: string;
  /** Bytes before the value; 0 for a line without a sample. */
  readonly prefix: number;
  readonly value?: number;
  readonly time?: number;
}

function tableOf(lines: readonly GuideLine[]): LineTable {
  const starts = [0];
  let end = 0;
  for (const { text } of lines) starts.push((end += Buffer.byteLength(text) + 1));
  const samples = lines.filter(({ prefix }) => prefix !== 0 && prefix !== ALWAYS_READ);
  const hasTimes = samples.some(({ time }) => time !== undefined);
  return {
    text: Buffer.from(lines.map(({ text }) => `${text}\n`).join("")),
    lineStarts: Uint32Array.from(starts),
    prefixLengths: Uint32Array.from(lines, ({ prefix }) => prefix),
    lineCount: lines.length,
    values: Float64Array.from(samples, ({ value }) => value ?? 0),
    times: hasTimes ? Float64Array.from(samples, ({ time }) => time ?? Number.NaN) : undefined,
    sampleCount: samples.length,
  };
}

function emptyTableFor(text: string, lines: number): LineTable {
  return {
    text: Buffer.from(text),
    lineStarts: new Uint32Array(lines + 1),
    prefixLengths: new Uint32Array(lines),
    lineCount: 0,
    values: new Float64Array(lines),
    times: undefined,
    sampleCount: 0,
  };
}

function walk(guide: readonly GuideLine[], text: string, timesAreMs = true): GuidedWalk {
  const result = new GuidedWalk(tableOf(guide), emptyTableFor(text, guide.length), { timesAreMs });
  result.advance();
  return result;
}

const A: GuideLine = { text: "a 1", prefix: 2, value: 1 };
const B: GuideLine = { text: "b 2", prefix: 2, value: 2 };
const COMMENT: GuideLine = { text: "# x", prefix: 0 };
const SLOW: GuideLine = { text: "c 3", prefix: 2 + SLOW_SAMPLE, value: 3 };
const DUPLICATE: GuideLine = { text: "d 4", prefix: ALWAYS_READ };

test.each<[readonly GuideLine[], string, number, readonly number[]]>([
  // guide, text, lines taken, values
  [[A, B], "a 1\nb 2\n", 2, [1, 2]],
  [[A, B], "a 10\nb -0.5\n", 2, [10, -0.5]],
  [[A, B], "a 1\n", 1, [1]],
  [[A], "a 1\nb 2\n", 1, [1]],
  [[A, B], "a 1\nc 2\n", 1, [1]],
  [[A, B], "a x\nb 2\n", 0, []],
  [[A, B], "a \nb 2\n", 0, []],
  [[A, B], "a 1 \nb 2\n", 0, []],
  [[A, B], "a 1 2 3\nb 2\n", 0, []],
  [[A, B], "a 1 2.5\nb 2\n", 0, []],
  [[A, B], "a 1 1234567890123456\nb 2\n", 0, []],
  [[A, B], "a NaN\nb 2\n", 0, []],
  [[A, B], "a 1e400\nb 2\n", 0, []],
  [[A, B], "a 12", 0, []],
  [[COMMENT, A], "# x\na 5\n", 2, [5]],
  [[COMMENT, A], "# y\na 5\n", 0, []],
  [[SLOW, A], "c 3\na 5\n", 2, [3, 5]],
  [[SLOW, A], "c 4\na 5\n", 0, []],
  [[A, DUPLICATE, B], "a 1\nd 4\nb 2\n", 1, [1]],
  [[], "a 1\n", 0, []],
])("guide %j, text %j: %j lines", (guide, text, lines, values) => {
  const { next, guideLine, textAt } = walk(guide, text);
  expect([next.lineCount, guideLine]).toEqual([lines, lines]);
  expect([...next.values.subarray(0, next.sampleCount)]).toEqual(values);
  expect(textAt).toBe(next.lineStarts[next.lineCount]);
  expect(text.slice(0, textAt).split("\n")).toHaveLength(lines + 1);
});

test("times are taken where a whole number is one, and kept where the line is the same", () => {
  const timed: GuideLine = { text: "a 1 5", prefix: 2, value: 1, time: 5 };
  const same = walk([timed, B], "a 1 5\nb 3\n").next;
  expect([...same.times!.subarray(0, 2)]).toEqual([5, Number.NaN]);
  const other = walk([A, B], "a 1\nb 3 1700000000000\n").next;
  expect([...other.times!.subarray(0, 2)]).toEqual([Number.NaN, 1_700_000_000_000]);
  expect(walk([timed], "a 1 6\n", false).next.lineCount).toBe(0);
  expect(walk([A, B], "a 2\nb 3\n").next.times).toBeUndefined();
});

test("every decimal number is read as JavaScript reads it", () => {
  const random = seededRandom(42);
  const numbers = [
    "0",
    "-0",
    "1e22",
    "1e23",
    "9007199254740993",
    "0.1",
    "5e-324",
    "1.7976931348623157e308",
    "00012",
    "1.",
    ".5",
  ];
  for (let i = 0; i < 20_000; i++) {
    const value = (random.next() - 0.5) * 10 ** (random.below(80) - 40);
    const kind = random.below(4);
    if (kind === 0) numbers.push(String(value));
    else if (kind === 1) numbers.push(value.toPrecision(1 + random.below(21)));
    else if (kind === 2) numbers.push(value.toFixed(random.below(20)));
    else numbers.push(value.toExponential(random.below(20)).replace("e", "E"));
  }
  const guide = numbers.map((_, i): GuideLine => ({ text: `m${i} x`, prefix: `m${i} `.length }));
  const text = numbers.map((number, i) => `m${i} ${number}\n`).join("");
  const result = new GuidedWalk(tableOf(guide), emptyTableFor(text, guide.length), { timesAreMs: true });
  let taken = 0;
  while (result.guideLine < numbers.length) {
    const first = result.next.sampleCount;
    const line = result.guideLine;
    result.advance();
    for (let i = 0; i < result.next.sampleCount - first; i++) {
      const number = numbers[line + i]!;
      expect(Object.is(result.next.values[first + i], Number(number)), number).toBe(true);
    }
    taken += result.next.sampleCount - first;
    if (result.guideLine >= numbers.length) break;
    // The caller's part: over the line that the walk has left.
    result.textAt = result.next.text.indexOf(10, result.textAt) + 1;
    result.guideLine++;
    result.guideSample++;
  }
  // The largest and the smallest double are left to the caller.
  expect(taken).toBe(numbers.length - 2);
});
