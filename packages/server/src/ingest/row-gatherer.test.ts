import { BinnacleError, isStaleAt, Labels, setStaleAt, wordsOf, type MetricSink } from "@binnacle/model";
import { NO_SERIES_NUMBER, type WriteRequest } from "@binnacle/wire";
import { expect, test } from "vitest";
import { KnownWriters } from "./known-writers.ts";
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

/** The rows of a request whose series nobody has seen before. */
function rowsOf(request: WriteRequest, sink: MetricSink): ReturnType<typeof gatherRows> {
  const writers = new KnownWriters(sink);
  const seriesNumbers = new Uint32Array(request.labels.length).fill(NO_SERIES_NUMBER);
  const labelsAt = (i: number): Labels => request.labels[i]!;
  return gatherRows(request, writers.resolve({ labelsAt, seriesNumbers, numbersEpoch: 0 }));
}

const shape = (rows: ReturnType<typeof gatherRows>): unknown[] =>
  rows.map(({ group, timeMs, series, values }) => [group, timeMs, [...series], [...values]]);

test("one sender and one time are a row, in order of time", () => {
  const rows = rowsOf(
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
  const rows = rowsOf(
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
  expect(shape(rowsOf({ ...twice, labels }, sinkOfRefs()))).toEqual([
    ["write/j/a", 1000, [0], [1]],
    ["write/j/b", 1000, [1], [2]],
    ["write/j/a", 1000, [0], [3]],
  ]);
});

test("stale markers keep their bits while rows grow", () => {
  const many = request(Array.from({ length: 200 }, () => ["a", [[1000, 5]]] as const));
  setStaleAt(wordsOf(many.sampleValues), 3);
  const [row] = rowsOf(many, sinkOfRefs());
  expect(row!.series.length).toBe(200);
  expect(isStaleAt(wordsOf(row!.values), 3)).toBe(true);
  expect(row!.values[199]).toBe(5);
});

test("series that come again are known by their numbers, until the store lets go of them", () => {
  const sink = sinkOfRefs();
  const writers = new KnownWriters(sink);
  const asked: number[] = [];
  const seen = request([
    ["a", [[1000, 1]]],
    ["b", [[1000, 2]]],
  ]);
  const numbered = {
    labelsAt: (i: number) => {
      asked.push(i);
      return seen.labels[i]!;
    },
    seriesNumbers: Uint32Array.of(7, 5000),
    numbersEpoch: 0,
  };
  expect([...writers.resolve(numbered).refs]).toEqual([0, 1]);
  expect([...writers.resolve(numbered).refs]).toEqual([0, 1]);
  expect(asked).toEqual([0, 1]);
  writers.forgetRefs(new Set([1]));
  writers.resolve(numbered);
  expect(asked).toEqual([0, 1, 1]);
  writers.resolve({ ...numbered, numbersEpoch: 1 });
  expect(asked).toEqual([0, 1, 1, 0, 1]);
});

test("a scrape that came as a request is taken as it stands", () => {
  const scrape = request([
    ["a", [[1000, 1]]],
    ["a", [[1000, 2]]],
  ]);
  const [row] = rowsOf(scrape, sinkOfRefs());
  expect(row!.values).toBe(scrape.sampleValues);
  expect(shape([row!])).toEqual([["write/j/a", 1000, [0, 1], [1, 2]]]);
});

test("a series that the store refuses is named, and the rest is taken", () => {
  const sink = sinkOfRefs();
  const refusing: MetricSink = {
    ...sink,
    series: (labels) => {
      if (labels.get("instance") === "b") throw new BinnacleError("BAD_LABELS", "no b here");
      return sink.series(labels);
    },
  };
  const both = request([
    ["a", [[1000, 1]]],
    ["b", [[1000, 2]]],
    ["c", [[1000, 3]]],
  ]);
  const resolved = new KnownWriters(refusing).resolve({
    labelsAt: (i) => both.labels[i]!,
    seriesNumbers: Uint32Array.of(0, 1, 2),
    numbersEpoch: 0,
  });
  expect(resolved.refusals).toEqual(["no b here"]);
  expect(shape(gatherRows(both, resolved))).toEqual([
    ["write/j/a", 1000, [0], [1]],
    ["write/j/c", 1000, [1], [3]],
  ]);
});
