import { formatMatchers } from "@binnacle/model";
import { expect, test } from "vitest";
import { parseMatchers } from "./matcher-text.ts";

test.for<[text: string, matchers: string]>([
  ["a=b", '{a="b"}'],
  ["severity = page", '{severity="page"}'],
  ['job="api server"', '{job="api server"}'],
  ['a!="b"', '{a!="b"}'],
  ["a=~x.*", '{a=~"x.*"}'],
  ['a!~"x|y"', '{a!~"x|y"}'],
  ['{a="b", c=~"d"}', '{a="b", c=~"d"}'],
  ["{ a = b , }", '{a="b"}'],
  ['a="b",c="d"', '{a="b", c="d"}'],
  ['"a.b"=c', '{"a.b"="c"}'],
  ['a=""', '{a=""}'],
  ['a="x\\"y\\\\z\\n"', '{a="x\\"y\\\\z\\n"}'],
  ["", "{}"],
  ["{}", "{}"],
])("%j is %s", ([text, matchers]) => {
  expect(formatMatchers(parseMatchers(text))).toBe(matchers);
});

test.for<[text: string, message: string]>([
  ["a", "expected one of = != =~ !~ at character 2"],
  ["=b", "expected a label name at character 1"],
  ["a=", "expected a value at character 3"],
  ['a="b', "expected a value at character 3"],
  ["{a=b", "expected a closing brace at character 5"],
  ["a=b}", "expected a comma or the end at character 4"],
  ["a=b c=d", "expected a comma or the end at character 5"],
  ["a==b", "expected a value at character 3"],
  ["a=~(", "a=~("],
])("%j is refused", ([text, message]) => {
  if (message === text) expect(() => parseMatchers(text)).toThrow();
  else expect(() => parseMatchers(text)).toThrow(message);
});
