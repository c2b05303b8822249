import { Labels } from "@binnacle/model";
import { expect, test } from "vitest";
import { detectLevel, levelOfSeverity } from "./detected-level.ts";

function derive(labels: Record<string, string>, line: string, metadata: string[] = []): string | undefined {
  return detectLevel(Labels.fromObject(labels), metadata, Buffer.from(line));
}

test.each<[string, string]>([
  ["level=warn msg=x", "warn"],
  ['ts=1 lvl="ERR" msg=x', "error"],
  ['{"msg":"an error","level":"INFO"}', "info"],
  ['{"log":{"severity":"critical"}}', "critical"],
  ["2026-01-01 [ERROR] it broke", "error"],
  ["WARNING: low", "warn"],
  ["nothing to see", "unknown"],
  ["level=custom", "custom"],
  ["", "unknown"],
])("the level of %j is %s", (line, level) => {
  expect(derive({ app: "a" }, line)).toBe(level);
});

test("the first that has a level gives it: metadata of that name, label, metadata, number, text", () => {
  expect(derive({ level: "debug" }, "error", ["detected_level", "mine"])).toBeUndefined();
  expect(derive({ level: "debug" }, "error", ["severity", "warn"])).toBe("debug");
  expect(derive({}, "error", ["severity", "warn", "severity_number", "9"])).toBe("warn");
  expect(derive({}, "error", ["severity_number", "9"])).toBe("info");
});

test.each([
  [1, "trace"],
  [4, "trace"],
  [5, "debug"],
  [12, "info"],
  [13, "warn"],
  [20, "error"],
  [24, "fatal"],
  [25, "unknown"],
  [0, "unknown"],
])("severity %d is %s", (number, level) => {
  expect(levelOfSeverity(number)).toBe(level);
});
