import type { MatcherOp } from "@binnacle/model";
import { expect, test } from "vitest";
import { compileMatcher, PATTERN_LENGTH_MAX, Regexp } from "./index.ts";

const matcher = (op: MatcherOp, value: string) => compileMatcher({ name: "job", op, value });

test.each([
  // op, pattern, the only values, prefix, some that match, some that do not
  ["=", "a", ["a"], "a", ["a"], ["", "b", "ab"]],
  ["=", "", [""], "", [""], ["a"]],
  ["!=", "a", undefined, "", ["", "b"], ["a"]],
  ["=~", "a|b", ["a", "b"], "", ["a", "b"], ["", "ab", "a|b"]],
  ["=~", "node_(cpu|memory)", ["node_cpu", "node_memory"], "node_", ["node_cpu"], ["node_"]],
  ["=~", "node_(cpu|memory)_.+", undefined, "node_", ["node_cpu_x"], ["node_cpu_", "cpu_x"]],
  ["=~", "5[01]x?", ["50", "50x", "51", "51x"], "5", ["51x"], ["5", "52"]],
  ["=~", "", [""], "", [""], ["a"]],
  ["=~", "a|", ["a", ""], "", ["", "a"], ["b"]],
  ["=~", ".*", undefined, "", ["", "a", "a\nb"], []],
  ["=~", ".+", undefined, "", ["a", "\n"], [""]],
  ["=~", "^a$", ["a"], "a", ["a"], ["ab"]],
  ["=~", "(?i)a1", ["A1", "a1"], "", ["A1"], ["b1"]],
  ["=~", "10\\.0\\..*", undefined, "10.0.", ["10.0.3"], ["10.1.0", "10x0.3"]],
  ["!~", "a|b", undefined, "", ["", "c"], ["a", "b"]],
  ["!~", "a.*", undefined, "", ["", "ba"], ["a", "ab"]],
] as const)("job%s%j", (op, pattern, values, prefix, matching, others) => {
  const predicate = matcher(op, pattern);
  expect(predicate.values === undefined ? undefined : [...predicate.values].sort()).toEqual(
    values === undefined ? undefined : [...values].sort(),
  );
  expect(predicate.prefix).toBe(prefix);
  for (const value of matching) expect(predicate.test(value), value).toBe(true);
  for (const value of others) expect(predicate.test(value), value).toBe(false);
  expect(predicate.matchesEmpty).toBe(predicate.test(""));
});

test("a list of more texts than are spelled out still matches", () => {
  const names = Array.from({ length: 400 }, (_, i) => `pod-${i}`);
  const predicate = matcher("=~", names.join("|"));
  expect(predicate.test("pod-399")).toBe(true);
  expect(predicate.test("pod-400")).toBe(false);
});

test.each(["(", "a**", "[b-a]", "(?P<n", "\\q", "a{1001}", "(?=a)", "\\1", "*"])(
  "%j is refused",
  (pattern) => {
    expect(() => matcher("=~", pattern)).toThrow(expect.objectContaining({ code: "BAD_REGEXP" }) as Error);
  },
);

test("what is refused is quoted as it was typed", () => {
  expect(() => matcher("=~", "(a")).toThrow("missing closing ): `(a`");
});

test("a pattern past its limit is refused with the bound", () => {
  expect(() => Regexp.compile("a".repeat(PATTERN_LENGTH_MAX + 1))).toThrow(`${PATTERN_LENGTH_MAX}`);
});

test.each([
  ["(\\w+)@(?P<host>\\w+)", "me@here", "$2 ${host} $host_x ${1}x $$ $", "here here  mex $ $"],
  ["(a)|(b)", "b", "[$1][$2]", "[][b]"],
  ["x", "y", "$0", undefined],
])("%s on %j expands %j", (pattern, text, template, expected) => {
  expect(Regexp.compile(pattern).expand(text, template)).toBe(expected);
});

test.each([
  ["a+", "caandabat", "<$0>", "c<aa>nd<a>b<a>t"],
  ["", "ab", "-", "-a-b-"],
  ["(.)b", "abxb", "$1", "ax"],
])("%s on %j with every match replaced by %j", (pattern, text, template, expected) => {
  expect(Regexp.compile(pattern).replaceAll(text, template)).toBe(expected);
});

test("bytes are tested where they stand", () => {
  const bytes = Buffer.from("level=info\nlevel=error took 15ms\n");
  const range = [11, 33] as const;
  for (const [pattern, expected] of [
    ["error", true],
    ["info", false],
    ["error.*\\dms", true],
    ["^level=error", true],
    ["ms$", false],
    ["(?i)ERROR", true],
  ] as const) {
    expect(Regexp.compile(pattern).testBytes(bytes, ...range), pattern).toBe(expected);
  }
  expect(Regexp.compile("^a\ufffd$").testBytes(Uint8Array.of(0x61, 0xff))).toBe(true);
});
