/** Rewritten trees give what plain ones give, in all they say; and they are rewritten where that is so. */
import { Labels, QueryContext, seededRandom, type QueryResult } from "@binnacle/model";
import { expect, test } from "vitest";
import { Engine } from "../engine/engine.ts";
import { ALL_LANGUAGE_FEATURES } from "../parser/features.ts";
import { parse, print } from "../parser/index.ts";
import { pick, randomVector, seededRandom as parserRandom } from "../parser/random-query.ts";
import { MemorySource, type SampleValue } from "../promqltest/memory-source.ts";
import { findCommon, optimize } from "./index.ts";

const STEP_MS = 30_000;
const ROWS = 60;

function histogram(count: number): SampleValue {
  return {
    schema: 0,
    isInteger: false,
    counterResetHint: "unknown",
    count,
    sum: count * 2,
    zeroThreshold: 0.001,
    zeroCount: 0,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveCounts: Float64Array.of(count),
    negativeSpans: [],
    negativeCounts: new Float64Array(0),
    customBounds: undefined,
  };
}

/** Series that come and go, stale ones, histograms among floats, values alike under different labels. */
function testSource(): MemorySource {
  const source = new MemorySource();
  const random = seededRandom(3);
  const names = ["up", "requests_total", "sum", "job:rate:5m", "mix"];
  for (const name of names) {
    for (const job of ["a", "b", "c"]) {
      for (const instance of ["1", "2"]) {
        const from = random.below(3) === 0 ? random.below(ROWS) : 0;
        const value = (row: number): SampleValue => {
          if (row % 31 === 30 && job === "b") return "stale";
          if (name === "mix" && (job === "c" || row % 20 > 15)) return histogram(row + 1);
          return name === "requests_total" ? row * 3 : random.below(4);
        };
        source.append(
          Labels.fromObject({ __name__: name, job, instance }),
          Array.from({ length: ROWS - from }, (_, i) => ({
            timeMs: (from + i) * STEP_MS,
            value: value(from + i),
            startMs: 0,
          })),
        );
      }
    }
  }
  return source;
}

async function run(asking: Promise<QueryResult>): Promise<unknown> {
  try {
    return await asking;
  } catch (error) {
    return String(error);
  }
}

async function outcome(engine: Engine, query: string, source: MemorySource): Promise<unknown> {
  const range = { query, startMs: 120_000, endMs: 1_800_000, stepMs: 90_000 };
  return [
    await run(engine.range(range, source, new QueryContext())),
    await run(engine.instant({ query, timeMs: 900_000 }, source, new QueryContext())),
  ];
}

const plain = new Engine({ features: ALL_LANGUAGE_FEATURES, optimizes: false });
const optimizing = new Engine({ features: ALL_LANGUAGE_FEATURES });

test("random queries, among them such as repeat themselves and meet on labels", async () => {
  const source = testSource();
  const first = Number(process.env["SEED"] ?? 1);
  let rewritten = 0;
  let answered = 0;
  for (let seed = first; seed < first + 1500; seed++) {
    const random = parserRandom(seed);
    const query = seed % 2 === 0 ? randomVector(random, 3) : meeting(random);
    const [got, wanted] = [await outcome(optimizing, query, source), await outcome(plain, query, source)];
    expect(got, `seed ${seed}: ${query}`).toEqual(wanted);
    if (typeof (wanted as unknown[])[0] !== "string") answered++;
    rewritten += isRewritten(query) ? 1 : 0;
  }
  expect(answered).toBeGreaterThan(600);
  expect(rewritten).toBeGreaterThan(250);
});

function isRewritten(query: string): boolean {
  try {
    const tree = parse(query, { features: ALL_LANGUAGE_FEATURES });
    const expr = optimize(tree);
    return print(expr) !== print(tree) || findCommon(expr).size > 0;
  } catch {
    return false;
  }
}

/** An operator between expressions that are narrowed by labels, half of the time on the same ones. */
function meeting(random: () => number): string {
  const matcher = (): string =>
    pick(random, ["", `{job="a"}`, `{job=~"a|b"}`, `{instance="1"}`, `{job!="c", instance="2"}`, `{job=""}`]);
  const name = (): string => pick(random, ["up", "requests_total", "mix", "job:rate:5m"]);
  const side = (): string => {
    const selector = name() + matcher();
    return pick(random, [
      selector,
      `rate(${selector}[5m])`,
      `count_over_time(${selector}[3m])`,
      `count by (job) (${selector})`,
      `count by (job, instance) (abs(${selector}))`,
      `group by (instance) (${selector})`,
      `sum by (job) (${selector})`,
      `count without (job) (${selector})`,
      `(${selector}) * (2 + 3 * -1)`,
      `sum(rate(requests_total[5m]))`,
      `topk(1, ${selector})`,
    ]);
  };
  const op = pick(random, ["+", "/", ">", "== bool", "and", "or", "unless"]);
  const isSet = /^(?:and|or|unless)$/.test(op);
  const on = pick(random, [
    "",
    "on (job)",
    "on (instance)",
    "ignoring (instance)",
    "on (job, instance)",
    "on ()",
  ]);
  const group =
    isSet || on === ""
      ? ""
      : pick(random, ["", "", "group_left ()", "group_right ()", "group_left (instance)"]);
  const fill = isSet ? "" : pick(random, ["", "", "", "fill (0)", "fill_left (1)"]);
  const left = side();
  const right = random() < 0.2 ? left : side();
  return `${left} ${op} ${on} ${group} ${fill} ${right}`;
}

const REWRITTEN: readonly (readonly [query: string, optimized: string])[] = [
  ["x * (1 + 2 * 3)", "x * 7"],
  ["quantile(1 - 0.1, x)", "quantile(0.9, x)"],
  ["-(2 ^ 3) > bool -pi()", "0"],
  ["vector(1 + 1)", "vector(2)"],
  ["time() + 1", "time() + 1"],
  [`a and b{j="1"}`, `a{j="1"} and b{j="1"}`],
  [`a{i="2"} and on (j) b{j="1"}`, `a{i="2",j="1"} and on (j) b{j="1"}`],
  [`a{j="1"} unless b`, `a{j="1"} unless b{j="1"}`],
  [`a unless b{j="1"}`, `a unless b{j="1"}`],
  [`a{j="1"} or b`, `a{j="1"} or b`],
  [
    `a{j="1"} * on (j) group_left () count by (j) (b)`,
    `a{j="1"} * on (j) group_left () count by (j) (b{j="1"})`,
  ],
  [
    `a * on (j) group_left () count by (j) (b{j="1"})`,
    `a{j="1"} * on (j) group_left () count by (j) (b{j="1"})`,
  ],
  // Two of b that match alike are refused, whoever matches them.
  [`a{j="1"} * on (j) b`, `a{j="1"} * on (j) b`],
  [`a{j="1"} * on (j) count by (j, k) (b)`, `a{j="1"} * on (j) count by (j, k) (b)`],
  // With a value for what is missing all of b counts.
  [`a{j="1"} * on (j) fill (0) count by (j) (b)`, `a{j="1"} * on (j) fill (0) count by (j) (b)`],
  // A rate, or a sum, may warn of what matches nothing.
  [`rate(a[5m]) and b{j="1"}`, `rate(a[5m]) and b{j="1"}`],
  [`sum by (j) (a) and b{j="1"}`, `sum by (j) (a) and b{j="1"}`],
  [`count_over_time(a[5m]) and b{j="1"}`, `count_over_time(a{j="1"}[5m]) and b{j="1"}`],
  // What is compared are other labels.
  [`a and ignoring (j) b{j="1"}`, `a and ignoring (j) b{j="1"}`],
];

test.for(REWRITTEN)("%s", ([query, optimized]) => {
  const tree = parse(query, { features: ALL_LANGUAGE_FEATURES });
  expect(print(optimize(tree))).toBe(optimized);
});

const COMMON: readonly (readonly [query: string, common: readonly string[]])[] = [
  ["rate(x[5m]) / sum(rate(x[5m]))", ["rate(x[5m])"]],
  ["x + x", []],
  ["rate(x[5m]) / rate(y[5m])", []],
  ["sum(a * b) + max(a * b)", ["a * b"]],
  ["histogram_count(rate(x[5m])) + sum(rate(x[5m]))", []],
];

test.for(COMMON)("of %s is evaluated once", ([query, common]) => {
  const expr = optimize(parse(query, { features: ALL_LANGUAGE_FEATURES }));
  const found = [...findCommon(expr).keys()].map(print);
  expect([...new Set(found)]).toEqual(common);
});
