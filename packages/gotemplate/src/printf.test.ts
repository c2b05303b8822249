import { expect, test } from "vitest";
import { print, println } from "./format.ts";
import { printf } from "./printf.ts";
import { fn, record, type Value } from "./values.ts";

// What Go's fmt.Sprintf writes.
test.for<[format: string, values: Value[], text: string]>([
  ["%v %v %v", [1n, 1.5, "a"], "1 1.5 a"],
  ["%v", [1_000_000], "1e+06"],
  ["%v %v", [true, undefined], "true <nil>"],
  ["%v", [[1n, "a", [2n]]], "[1 a [2]]"],
  [
    "%v",
    [
      new Map([
        ["b", 2n],
        ["a", 1n],
      ]),
    ],
    "map[a:1 b:2]",
  ],
  ["%v", [record({ Name: "x", Size: 3n })], "{x 3}"],
  ["%s", [record({ String: fn([], () => "own words") })], "own words"],
  ["%d", [42n], "42"],
  ["%5d|%-5d|%05d", [42n, 42n, 42n], "   42|42   |00042"],
  ["%+d % d", [42n, 42n], "+42  42"],
  ["%05d", [-42n], "-0042"],
  ["%.4d", [42n], "0042"],
  ["%x %X %#x %o %b", [255n, 255n, 255n, 8n, 5n], "ff FF 0xff 10 101"],
  ["%O %#o", [8n, 8n], "0o10 010"],
  ["%c %q %U", [65n, 65n, 0x1f600n], "A 'A' U+1F600"],
  ["%d", [[1n, 2n]], "[1 2]"],
  ["%f %.2f %8.3f %-8.1f|", [1.5, 1.005, 3.1234, 2.25], "1.500000 1.00    3.123 2.2     |"],
  ["%e %.1e %E", [123_456, 123_456, 1], "1.234560e+05 1.2e+05 1.000000E+00"],
  ["%g %.3g %G", [1e21, 1234.5678, 1e-7], "1e+21 1.23e+03 1E-07"],
  ["%+.1f % .1f %06.1f", [1.25, 1.25, -1.25], "+1.2  1.2 -001.2"],
  ["%f %+f %5.1f|", [Infinity, Number.NaN, -Infinity], "+Inf +NaN  -Inf|"],
  ["%05.1f", [Infinity], " +Inf"],
  ["%s|%10s|%-10s|", ["go", "go", "go"], "go|        go|go        |"],
  ["%.2s", ["gopher"], "go"],
  ["%.2s", ["日本語"], "日本"],
  ["%5s|", ["日本"], "   日本|"],
  ["%q", ['a"b\n'], '"a\\"b\\n"'],
  ["%q %+q", ["日\u0001\u00a0", "日"], '"日\\x01\\u00a0" "\\u65e5"'],
  ["%#q %#q", ["plain", "tick`"], '`plain` "tick`"'],
  ["%x % x %X %#x", ["hi", "hi", "hi", "hi"], "6869 68 69 6869 0x6869"],
  ["%t", [false], "false"],
  ["%T %T %T %T", [1n, 1, "a", undefined], "int float64 string <nil>"],
  ["100%%", [], "100%"],
  ["%[2]d %[1]d", [1n, 2n], "2 1"],
  ["%*d|%-*d|", [4n, 7n, 4n, 7n], "   7|7   |"],
  ["%.*f", [2n, 1.239], "1.24"],
  // What does not fit is said in the text.
  ["%d", ["hi"], "%!d(string=hi)"],
  ["%s", [5n], "%!s(int=5)"],
  ["%d", [3.5], "%!d(float64=3.5)"],
  ["%t", [1n], "%!t(int=1)"],
  ["%d", [undefined], "%!d(<nil>)"],
  ["%z", [1n], "%!z(int=1)"],
  ["%d %d", [1n], "1 %!d(MISSING)"],
  ["%d", [1n, "x", 2n], "1%!(EXTRA string=x, int=2)"],
  ["%", [], "%!(NOVERB)"],
  ["%[3]d", [1n], "%!d(BADINDEX)"],
  ["%99999999d", [1n], "%!(BADWIDTH)1"],
  ["%.99999f", [1.5], "%!(BADPREC)1.500000"],
  ["%*d", ["x", 7n], "%!(BADWIDTH)7"],
])("printf %j of %o", ([format, values, text]) => {
  expect(printf(format, values)).toBe(text);
});

test.for<[values: Value[], text: string]>([
  [["a", "b"], "ab"],
  [[1n, 2n], "1 2"],
  [["a", 1n, 2n, "b"], "a1 2b"],
  [[undefined, undefined], "<nil> <nil>"],
  [[], ""],
])("print puts a space between two that are no strings: %o", ([values, text]) => {
  expect(print(values)).toBe(text);
});

test("println puts spaces between all", () => {
  expect(println(["a", "b", 1n])).toBe("a b 1\n");
});
