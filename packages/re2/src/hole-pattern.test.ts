import { seededRandom, type Random } from "@binnacle/model";
import { expect, test } from "vitest";
import { ANY_HOLE, HolePattern } from "./hole-pattern.ts";
import { Regexp } from "./regexp.ts";

test.each([
  ["user=[a-z]+ x", "id=_ user=root x", "always"],
  ["user=[a-z]+ x", "id=_ user=_ x", "sometimes"],
  ["user=[a-z]+ x", "id=_ user= x", "never"],
  ["user=[a-z]+ .*rhost=2[0-9]+", "uid=_ ruser= rhost=_._  user=root", "never"],
  ["error", "an error of _", "always"],
  ["error", "of _", "sometimes"],
  ["(?i)ERROR:", "of _", "never"],
  ["a .* b", "a _ b", "always"],
  ["a \\w+ b", "a _ b", "sometimes"],
  ["^_", "x", "never"],
  ["^x", "_ x", "sometimes"],
  ["^-x$", "-x", "always"],
  ["x$", "x _", "sometimes"],
  ["x-$", "x- _", "never"],
  ["\\bof", "(of _", "always"],
  ["\\b-", "_-", "sometimes"],
  ["", "", "always"],
  ["a|b", "a", "always"],
  ["a{2,3}x", "aax", "always"],
  ["[^a]", "a", "never"],
  [" {0,2}- ", "_ - _", "always"],
] as const)("%s in %s: %s", (pattern, text, verdict) => {
  expect(HolePattern.compile(pattern)!.judge(text.replaceAll("_", "\0"))).toBe(verdict);
});

test.each([
  ["(?i)error", "took _ ms", 1, "never"],
  ["(?i)error", "took _ ms", ANY_HOLE, "sometimes"],
  ["[0-9]+ ms", "took _ ms", 1, "always"],
  ["[0-9]+ ms", "took _ ms", 3, "sometimes"],
  ["[0-9a-f]+ ms", "took _ ms", 3, "sometimes"],
  ["(?i)took [0-9a-f]+ ms", "took _ ms", 3, "always"],
] as const)("%s in %s, its hole of %s: %s", (pattern, text, mask, verdict) => {
  expect(HolePattern.compile(pattern)!.judge(text.replaceAll("_", "\0"), [mask])).toBe(verdict);
});

test("a pattern that is not known or too large is none", () => {
  expect(HolePattern.compile("\\pL")).toBeUndefined();
  expect(HolePattern.compile("(?m)^a")).toBeUndefined();
  expect(HolePattern.compile("(?:(?:ab){30}){40}")).toBeUndefined();
});

const ATOMS = ["a", "b", "1", " ", "-", "_", ".", "é", "[a-c]", "[^a]", "\\d", "\\w", "\\s", "[^ ]", "\\b"];

function makePattern(random: Random, depth: number): string {
  const parts = Array.from({ length: 1 + random.below(4) }, () => {
    const inner = depth > 0 && random.below(4) === 0;
    const atom = inner ? `(?:${makePattern(random, depth - 1)})` : ATOMS[random.below(ATOMS.length)]!;
    const repeats = atom === "\\b" ? [""] : ["", "", "", "*", "+", "?", "{2}", "{1,2}"];
    return atom + repeats[random.below(repeats.length)]!;
  });
  const text = parts.join("");
  const body = random.below(6) === 0 ? `${text}|${ATOMS[random.below(8)]}` : text;
  return (
    (random.below(8) === 0 && depth === 2 ? "^" : "") +
    body +
    (random.below(8) === 0 && depth === 2 ? "$" : "")
  );
}

const WORDS = ["1", "a1", "1b", "é1", "11", "ab1ba", "c0c", "1\u{1f600}"];

test("what is told holds for every filling", () => {
  const told = { always: 0, sometimes: 0, never: 0 };
  for (let seed = 1; seed <= 3000; seed++) {
    const random = seededRandom(seed);
    const pattern = makePattern(random, 2);
    const holes = HolePattern.compile(pattern);
    if (holes === undefined) continue;
    const re = Regexp.compile(pattern);
    const pieces = ["a", "b", " ", "-", "\0", "_", "é", "ab", "- "];
    let text = "";
    for (let i = random.below(8); i > 0; i--) {
      const piece = pieces[random.below(pieces.length)]!;
      // A hole is a word of its own.
      if (piece !== "\0" ? text.endsWith("\0") && /[a-zé]/.test(piece) : /[a-zé\0]$/.test(text)) continue;
      text += piece;
    }
    const isOfDigits = random.below(3) === 0;
    const verdict = holes.judge(text, isOfDigits ? Array.from(text, () => 1) : undefined);
    told[verdict]++;
    for (let i = 0; i < 12; i++) {
      const words = isOfDigits ? ["1", "42", "000"] : WORDS;
      const filled = text.replaceAll("\0", () => words[random.below(words.length)]!);
      const isMatch = re.test(filled);
      const place = `seed ${seed}: ${pattern} in ${JSON.stringify(text)}, filled ${JSON.stringify(filled)}`;
      if (verdict === "always") expect(isMatch, place).toBe(true);
      if (verdict === "never") expect(isMatch, place).toBe(false);
    }
  }
  expect(Math.min(...Object.values(told))).toBeGreaterThan(150);
});
