import { expect, test } from "vitest";
import { planMerge, planSeal, type BlockMeta } from "./plan.ts";
import { planRetention } from "./retention.ts";

/** `1-0@0..10` is block 1 of level 0, from 0 to 10; `*5` gives it five samples instead of one. */
function block(text: string): BlockMeta {
  const [, id, level, min, max, samples] = /^(\d+)-(\d+)@(\d+)\.\.(\d+)(?:\*(\d+))?$/.exec(text)!.map(Number);
  const facts = { seriesCount: 1, sampleCount: Number.isNaN(samples!) ? 1 : samples!, fileBytes: 1 };
  return { id: id!, level: level!, minTimeMs: min!, maxTimeMs: max!, file: text, ...facts };
}

const MERGES: readonly (readonly [
  string,
  { all: boolean; samplesMax?: number; spanMsMax?: number },
  string,
])[] = [
  ["1-0@0..9 2-0@10..19 3-0@20..29", { all: false }, ""],
  ["4-0@30..39 1-0@0..9 2-0@10..19 3-0@20..29", { all: false }, "1 2 3 4"],
  ["4-1@0..39 5-0@40..49 6-0@50..59 7-0@60..69 8-0@70..79", { all: false }, "5 6 7 8"],
  ["4-1@0..39 8-1@40..79 12-1@80..119 16-1@120..159 17-0@160..169", { all: false }, "4 8 12 16"],
  ["1-0@0..9 4-1@10..39 5-0@40..49 6-0@50..59 7-0@60..69", { all: false }, ""],
  ["1-0@0..9 2-0@10..19", { all: true }, "1 2"],
  ["4-1@0..39 5-0@40..49 6-0@50..59", { all: true }, "4 5 6"],
  ["1-0@0..9", { all: true }, "1"],
  ["1-1@0..9", { all: true }, ""],
  ["1-1@0..9*60 2-0@10..19*60 3-0@20..29*30", { all: true, samplesMax: 100 }, "2 3"],
  ["1-0@0..9 2-0@10..19 3-0@20..29", { all: true, spanMsMax: 20 }, "1 2"],
];

test.for(MERGES)("merging %s with %o takes [%s]", ([blocks, bounds, expected]) => {
  const plan = planMerge(blocks.split(" ").map(block), bounds);
  expect(plan.map(({ id }) => id).join(" ")).toBe(expected);
});

test("a head is sealed by age or by size, an empty one never", () => {
  const head = { samples: 1, series: 0, bytes: 10, ageMs: 10, sealIntervalMs: 100, headBytesMax: 100 };
  expect(planSeal(head)).toBeUndefined();
  expect(planSeal({ ...head, ageMs: 100 })).toBe("age");
  expect(planSeal({ ...head, bytes: 100 })).toBe("bytes");
  expect(planSeal({ ...head, bytes: 1000, series: 1 })).toBeUndefined();
  expect(planSeal({ ...head, bytes: 1024, series: 1 })).toBe("bytes");
  expect(planSeal({ ...head, samples: 0, ageMs: 1000, bytes: 1000 })).toBeUndefined();
});

test("a block expires when its newest sample is older than the retention", () => {
  const blocks = ["1-0@0..99", "2-0@0..100", "3-0@200..300"].map(block);
  expect(planRetention(blocks, { nowMs: 1100, retentionMs: 1000 }).map(({ id }) => id)).toEqual([1]);
});
