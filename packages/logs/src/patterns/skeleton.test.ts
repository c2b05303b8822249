import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { skeletonOf } from "./skeleton.ts";
import { tokenize } from "./tokens.ts";

test.each([
  ["took 17ms for 10.0.0.3 an1 7f3a", "took a00 for 00.00.00.00 an1 a00"],
  ["no numbers", "no numbers"],
  ["", ""],
  ["x1 é12 12é 5 user5x", "x1 é12 12é 00 a00"],
])("%j", (line, skeleton) => {
  expect(skeletonOf(line)).toBe(skeleton);
});

function shapeOf(line: string): string[] {
  let at = 0;
  const shape: string[] = [];
  for (const { text, start, end } of tokenize(line)) {
    shape.push(line.slice(at, start), text);
    at = end;
  }
  return [...shape, line.slice(at)];
}

test("a line's skeleton has the shape of the line", () => {
  const random = seededRandom(11);
  const pieces = [
    "a",
    "ab",
    "an1",
    "1",
    "42",
    "0x",
    "f",
    "MB",
    "ms",
    "s",
    "user",
    " ",
    " ",
    " ",
    ",",
    ".",
    ":",
    "(",
    ")",
    "/",
    "=",
    "-",
    "_",
    "://",
    "http://",
    "Jan",
    "é",
    "٣",
    "\u0000",
    "\t",
    "<",
    ">",
    "+",
  ];
  for (let i = 0; i < 20_000; i++) {
    let line = "";
    for (let count = 1 + random.below(14); count > 0; count--) line += pieces[random.below(pieces.length)]!;
    expect(shapeOf(skeletonOf(line)), JSON.stringify(line)).toEqual(shapeOf(line));
  }
});
