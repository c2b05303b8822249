import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { z } from "zod";
import { byteSize } from "./byte-size.ts";
import { durationMs } from "./duration.ts";
import { httpUrl } from "./http-url.ts";
import { labelName, labelSet } from "./label.ts";
import { percentage } from "./percentage.ts";
import { regexp } from "./regexp.ts";
import { Secret } from "./secret.ts";

const BAD = Symbol("refused");

test.for<[piece: string, schema: z.ZodType, cases: [input: unknown, output: unknown][]]>([
  [
    "durationMs",
    durationMs,
    [
      ["15s", 15_000],
      ["1h30m", 5_400_000],
      ["0", 0],
      ["", BAD],
      ["15", BAD],
      ["1.5h", BAD],
      ["-1m", BAD],
      [15, BAD],
    ],
  ],
  [
    "byteSize",
    byteSize,
    [
      ["0", 0],
      ["10B", 10],
      ["10MB", 10 * 1024 ** 2],
      ["1GiB", 1024 ** 3],
      ["1.5KB", 1536],
      ["1GB512MB", 1536 * 1024 ** 2],
      ["10", BAD],
      ["10iB", BAD],
      ["10mb", BAD],
      ["MB", BAD],
      ["", BAD],
      ["-1MB", BAD],
      ["9EB", BAD],
    ],
  ],
  [
    "percentage",
    percentage,
    [
      ["80%", 0.8],
      ["0%", 0],
      ["100%", 1],
      ["12.5%", 0.125],
      ["101%", BAD],
      ["80", BAD],
      ["%", BAD],
    ],
  ],
  [
    "httpUrl",
    httpUrl,
    [
      ["http://localhost:9093/x", "http://localhost:9093/x"],
      ["https://[::1]/", "https://[::1]/"],
      ["localhost:9093", BAD],
      ["http://", BAD],
      ["file:///etc/passwd", BAD],
      ["", BAD],
    ],
  ],
  [
    "labelName",
    labelName,
    [
      ["a", "a"],
      ["a.b-ü", "a.b-ü"],
      ["", BAD],
      ["\ud800", BAD],
    ],
  ],
])("%s", ([, schema, cases]) => {
  for (const [input, output] of cases) {
    const result = schema.safeParse(input);
    expect(result.success ? result.data : BAD, JSON.stringify(input)).toEqual(output);
  }
});

test("labelSet makes sorted labels without the empty ones", () => {
  expect(labelSet.parse({ b: "2", a: "1", c: "" }).pairs).toEqual(["a", "1", "b", "2"]);
});

test("regexp compiles with its options", () => {
  expect(regexp({ anchored: true }).parse("a|b").test("ab")).toBe(false);
  expect(regexp().parse("a|b").test("ab")).toBe(true);
  expect(regexp().safeParse("(?=x)").success).toBe(false);
});

test("a secret shows itself to reveal() only", () => {
  const secret = new Secret("hunter2");
  expect(secret.reveal()).toBe("hunter2");
  expect(
    [String(secret), JSON.stringify({ secret }), inspect({ secret }, { showHidden: true })].join(),
  ).not.toContain("hunter2");
});
