/**
 * Both engines, one answer: whatever way a Regexp chooses to match, re2js on the same pattern says the same.
 */
import { type Random, seededRandom } from "@binnacle/model";
import { RE2JS } from "re2js";
import { expect, test } from "vitest";
import { Regexp } from "./index.ts";

const PLAIN = ["a", "b", "ab", "k", "s", "é", "😀", "-", " ", "\\.", "\\n", "."];
const CLASSES = [
  "\\d",
  "\\w",
  "\\s",
  "\\W",
  "\\S",
  "[ab]",
  "[^a]",
  "[a-k]",
  "[^\\d\\n]",
  "[😀-😂]",
  "\\x{e9}",
];
const ATOMS = [...PLAIN, ...CLASSES, "[]a]", "[a-]", "[^\\s-]", "\\b", "\\B"];
const REPEATS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}"];
const BEFORE = ["", "", "^", "(?i)", ".*"];
const BEHIND = ["", "", "$", ".*", ".+"];
const LETTERS = ["a", "b", "k", "K", "s", "ſ", "\u212a", "1", " ", "\n", "-", ".", "é", "😀", "\ufffd", "A"];

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.below(list.length)]!;
}

function randomPattern(random: Random, depth: number): string {
  const branches = Array.from({ length: random.below(5) === 0 ? 2 : 1 }, () => {
    const parts = Array.from({ length: 1 + random.below(4) }, () => randomPart(random, depth));
    return parts.join("");
  });
  return branches.join("|");
}

function randomPart(random: Random, depth: number): string {
  let part = pick(random, ATOMS);
  if (depth > 0 && random.below(4) === 0) {
    part = `(${pick(random, ["", "?:", "?i:", "?s:", "?-s:"])}${randomPattern(random, depth - 1)})`;
  }
  if (random.below(3) !== 0 || part.toLowerCase() === "\\b") return part;
  return `${part === "ab" ? "(?:ab)" : part}${pick(random, REPEATS)}`;
}

function randomText(random: Random): string {
  return Array.from({ length: random.below(9) }, () => pick(random, LETTERS)).join("");
}

function oracle(pattern: string, options: { anchored: boolean; dotAll: boolean }) {
  const re = RE2JS.compile(pattern, options.dotAll ? RE2JS.DOTALL : 0);
  return (text: string): (string | undefined)[] | undefined => {
    const matcher = re.matcher(text);
    if (!(options.anchored ? matcher.matches() : matcher.find())) return undefined;
    return Array.from({ length: re.groupCount() + 1 }, (_, i) => matcher.group(i) ?? undefined);
  };
}

test.each([
  ["\\B", "a s😀A"],
  ["(?:[^a]??)?\\W", "-K"],
  ["(a|b)*?c", "abc"],
  ["^a\ufffd", "a\ufffd"],
])("%j on %j, which once differed", (pattern, text) => {
  const groups = oracle(pattern, { anchored: false, dotAll: false })(text);
  const re = Regexp.compile(pattern);
  expect(re.test(text)).toBe(groups !== undefined);
  expect(re.testBytes(Buffer.from(text))).toBe(groups !== undefined);
  const found = re.exec(text);
  expect(found === undefined ? undefined : [...found]).toEqual(groups);
});

test("random patterns on random texts", () => {
  let matches = 0;
  for (let seed = 1; seed <= 1500; seed++) {
    const random = seededRandom(seed);
    const body = randomPattern(random, 2);
    const [before, behind] = [pick(random, BEFORE), pick(random, BEHIND)];
    const pattern = `${before}${body}${behind}`;
    const options = { anchored: random.below(2) === 0, dotAll: random.below(2) === 0 };
    let expected: ReturnType<typeof oracle>;
    try {
      expected = oracle(pattern, options);
    } catch {
      expect(() => Regexp.compile(pattern, options), `seed ${seed}`).toThrow(
        expect.objectContaining({ code: "BAD_REGEXP" }) as Error,
      );
      continue;
    }
    const re = Regexp.compile(pattern, options);
    for (let i = 0; i < 25; i++) {
      const text = randomText(random);
      const groups = expected(text);
      const place = `seed ${seed}: ${JSON.stringify({ pattern, text, ...options })}`;
      expect(re.test(text), place).toBe(groups !== undefined);
      expect(re.testBytes(Buffer.from(`<${text}>`), 1, Buffer.byteLength(text) + 1), place).toBe(
        groups !== undefined,
      );
      const found = re.exec(text);
      expect(found === undefined ? undefined : [...found], place).toEqual(groups);
      if (groups === undefined) continue;
      matches++;
      if (re.values !== undefined) expect(re.values, place).toContain(text);
      if (options.anchored) expect(text.startsWith(re.prefix), place).toBe(true);
      expect(text, place).toContain(re.requiredLiteral);
      for (const literal of re.requiredLiterals) expect(text, place).toContain(literal);
    }
  }
  // Were nothing to match, the test would show nothing.
  expect(matches).toBeGreaterThan(5000);
});
