import { Labels, NO_METER, type LogEntries } from "@binnacle/model";
import { expect, test } from "vitest";
import { cutLine, LineCutter } from "./line-cutter.ts";

test.each([
  ["abcdef", 4, "abcd"],
  ["abc", 4, "abc"],
  ["ab\u00e9x", 3, "ab"],
  ["ab\u00e9x", 4, "ab\u00e9"],
  ["a\u{1f600}", 4, "a"],
  ["\u{1f600}", 4, "\u{1f600}"],
])("%s of %i bytes is %s", (line, bytesMax, cut) => {
  expect(Buffer.from(cutLine(Buffer.from(line), bytesMax)).toString()).toBe(cut);
});

function entries(...lines: readonly string[]): LogEntries {
  return {
    labels: Labels.fromObject({ app: "a" }),
    timesNs: BigInt64Array.from(lines, () => 1n),
    lines: lines.map((line) => Buffer.from(line)),
    metadata: undefined,
  };
}

test("only entries with long lines are made anew, and each such line is counted", async () => {
  const taken: LogEntries[] = [];
  let counted = 0;
  const sink = {
    append: (batch: readonly LogEntries[]) => {
      taken.push(...batch);
      return Promise.resolve({ appended: 0, rejected: 0, rejections: [] });
    },
  };
  const meter = { ...NO_METER, counter: () => ({ inc: (_: unknown, by = 1) => void (counted += by) }) };
  const short = entries("a", "b");
  await new LineCutter(sink, { bytesMax: 2, meter }).append([short, entries("abc", "d", "efg")]);
  expect(taken[0]).toBe(short);
  expect(taken[1]!.lines.map((line) => Buffer.from(line).toString())).toEqual(["ab", "d", "ef"]);
  expect(counted).toBe(2);
});
