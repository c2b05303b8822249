import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { countLiteral, findLiteral } from "./index.ts";
import { SEARCH_WINDOW_BYTES } from "./limits.ts";

/** The plain-script twin. */
function findPlainly(text: Buffer, literal: Buffer): number[] {
  const offsets: number[] = [];
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + literal.length)) {
    offsets.push(at);
  }
  return offsets;
}

test.each([
  ["", "a", []],
  ["a", "a", [0]],
  ["a", "ab", []],
  ["aaaaa", "aa", [0, 2]],
  ["one two one", "one", [0, 8]],
  ["x".repeat(15) + "ab", "ab", [15]],
  ["x".repeat(40), "y", []],
])("%j has %j at %j", (text, literal, offsets) => {
  expect([...findLiteral(Buffer.from(text), Buffer.from(literal))]).toEqual(offsets);
  expect(countLiteral(Buffer.from(text), Buffer.from(literal))).toBe(offsets.length);
});

test("finds what a plain search finds, whatever the text", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const letters = 1 + random.below(3);
    const text = Buffer.from(Array.from({ length: random.below(400) }, () => 97 + random.below(letters)));
    const literal = Buffer.from(
      Array.from({ length: 1 + random.below(seed % 7 === 0 ? 40 : 4) }, () => 97 + random.below(letters)),
    );
    const expected = findPlainly(text, literal);
    expect([...findLiteral(text, literal)], `seed ${seed}`).toEqual(expected);
    expect(countLiteral(text, literal), `seed ${seed}`).toBe(expected.length);
  }
});

test("occurrences across windows are found once", () => {
  const text = Buffer.alloc(3 * SEARCH_WINDOW_BYTES, "-");
  for (const literal of ["ab", "aaaa"].map((part) => Buffer.from(part))) {
    for (const shift of [0, 1, 2, 3, 4]) {
      const copy = Buffer.from(text);
      for (const at of [SEARCH_WINDOW_BYTES - shift, 2 * SEARCH_WINDOW_BYTES - shift]) literal.copy(copy, at);
      expect([...findLiteral(copy, literal)]).toEqual(findPlainly(copy, literal));
      expect(countLiteral(copy, literal)).toBe(2);
    }
  }
  const same = Buffer.alloc(2 * SEARCH_WINDOW_BYTES + 1, "a");
  expect(countLiteral(same, Buffer.from("aaa"))).toBe(Math.floor(same.length / 3));
});

test("a literal longer than the window for literals is found too", () => {
  const literal = Buffer.alloc(10_000, "ab");
  const text = Buffer.concat([Buffer.from("b"), literal, Buffer.from("x"), literal]);
  expect([...findLiteral(text, literal)]).toEqual([1, 10_002]);
  expect(countLiteral(text, literal)).toBe(2);
});

test("the empty literal is a mistake of the caller", () => {
  expect(() => countLiteral(Buffer.from("a"), Buffer.alloc(0))).toThrow(/^BUG: /);
});
