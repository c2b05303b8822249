import { isStaleAt, Labels, setStaleAt, wordsOf, type MetricSink } from "@binnacle/model";
import type { WriteRequest } from "@binnacle/wire";
import { expect, test } from "vitest";
import { gatherRows } from "./row-gatherer.ts";

function sinkOfRefs(): MetricSink {
  const keys: string[] = [];
  return {
    series: (labels) => {
      const at = keys.indexOf(labels.key());
      return at >= 0 ? at : keys.push(labels.key()) - 1;
    },
    append: () => Promise.reject(new Error("not asked for here")),
    describe: () => undefined,
  };
}

/** A request from series as [instance, [time, value] …]. */
function request(
  series: readonly (readonly [string, readonly (readonly [number, number])[]])[],
): WriteRequest {
  const samples = series.flatMap(([, points]) => points);
  let end = 0;
  return {
    labels: series.map(([instance], i) => Labels.fromObject({ __name__: `m${i}`, job: "j", instance })),
    sampleOffsets: Uint32Array.from([0, ...series.map(([, points]) => (end += points.length))]),
    sampleTimes: Float64Array.from(samples, ([time]) => time),
    sampleValues: Float64Array.from(samples, ([, value]) => value),
    sampleStartTimes: undefined,
    histograms: [],
    exemplars: [],
    metadata: [],
  };
}

const shape = (rows: ReturnType<typeof gatherRows>): unknown[] =>
  rows.map(({ group, timeMs, series, values }) => [group, timeMs, [...series], [...values]]);

test("one sender and one time are a row, in order of time", () => {
  const rows = gatherRows(
    request([
      [
        "a",
        [
          [2000, 1],
          [1000, 2],
        ],
      ],
      ["a", [[1000, 3]]],
      ["b", [[1000, 4]]],
    ]),
    sinkOfRefs(),
  );
  expect(shape(rows)).toEqual([
    ["write/j/a", 1000, [0, 1], [2, 3]],
    ["write/j/a", 2000, [0], [1]],
    ["write/j/b", 1000, [2], [4]],
  ]);
});

test("a series twice at one time has two rows, so that the store can judge the second", () => {
  const rows = gatherRows(
    request([
      [
        "a",
        [
          [1000, 1],
          [1000, 2],
        ],
      ],
    ]),
    sinkOfRefs(),
  );
  expect(shape(rows)).toEqual([
    ["write/j/a", 1000, [0], [1]],
    ["write/j/a", 1000, [0], [2]],
  ]);
});

test("a series that a request names twice is in no row twice", () => {
  const twice = request([
    ["a", [[1000, 1]]],
    ["b", [[1000, 2]]],
    ["a", [[1000, 3]]],
  ]);
  const labels = [twice.labels[0]!, twice.labels[1]!, twice.labels[0]!];
  expect(shape(gatherRows({ ...twice, labels }, sinkOfRefs()))).toEqual([
    ["write/j/a", 1000, [0], [1]],
    ["write/j/b", 1000, [1], [2]],
    ["write/j/a", 1000, [0], [3]],
  ]);
});

test("stale markers keep their bits while rows grow", () => {
  const many = request(Array.from({ length: 200 }, () => ["a", [[1000, 5]]] as const));
  setStaleAt(wordsOf(many.sampleValues), 3);
  const [row] = gatherRows(many, sinkOfRefs());
  expect(row!.series.length).toBe(200);
  expect(isStaleAt(wordsOf(row!.values), 3)).toBe(true);
  expect(row!.values[199]).toBe(5);
});
