import { expect, test } from "vitest";
import { streamRetentionSchema } from "./stream-retention.ts";

test("a selector, a time and a priority", () => {
  expect(streamRetentionSchema.parse({ match: '{namespace="ci",app=~"a|b"}', time: "2d" })).toEqual({
    match: '{namespace="ci",app=~"a|b"}',
    matchers: [
      { name: "namespace", op: "=", value: "ci" },
      { name: "app", op: "=~", value: "a|b" },
    ],
    retentionMs: 2 * 86_400_000,
    priority: 0,
  });
  expect(streamRetentionSchema.parse({ match: '{a="b"}', time: "1h", priority: 3 })).toMatchObject({
    priority: 3,
  });
});

test.for([
  [{ match: '{a="b"} |= "x"', time: "1h" }, "a stream selector without stages"],
  [{ match: 'rate({a="b"}[1m])', time: "1h" }, "a stream selector without stages"],
  [{ match: "{a=", time: "1h" }, "parse error"],
  [{ match: '{a="b"}', time: "0s" }, "a duration over 0"],
  [{ match: '{a="b"}', time: "1h", keep: true }, "keep"],
] as const)("%j is refused", ([given, message]) => {
  const { error } = streamRetentionSchema.safeParse(given);
  expect(JSON.stringify(error?.issues)).toContain(message);
});
