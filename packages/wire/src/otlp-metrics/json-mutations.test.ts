/**
 * Requests of OTLP in JSON, altered as a sender in trouble would: each is decoded into columns that a store
 * takes, or refused with the place, and never worse.
 */
import { BinnacleError, seededRandom, type Random } from "@binnacle/model";
import { expect, test } from "vitest";
import { histogramProblem } from "../native-histogram/check.ts";
import type { MetricPush } from "../push/metric-push.ts";
import { decodeOtlpMetrics } from "./decode.ts";
import { OTLP_METRICS_DEFAULTS } from "./options.ts";

const SEED = Number(process.env["SEED"] ?? 1);
const ROUNDS = 4000;
/** Longest that a message says why, in characters: it quotes what it found. */
const MESSAGE_LENGTH_MAX = 500;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const TIMES = { startTimeUnixNano: "1700000000000000000", timeUnixNano: "1700000015000000000" };
const attributes = [
  { key: "http.route", value: { stringValue: "/cart" } },
  { key: "retry", value: { boolValue: true } },
  { key: "status", value: { intValue: "200" } },
  { key: "tags", value: { arrayValue: { values: [{ stringValue: "a" }, { doubleValue: 0.5 }] } } },
  { key: "more", value: { kvlistValue: { values: [{ key: "raw", value: { bytesValue: "AAEC" } }] } } },
];
const exemplars = [
  {
    timeUnixNano: "1700000014000000000",
    asDouble: 0.7,
    traceId: "0102030405060708090a0b0c0d0e0f10",
    spanId: "0102030405060708",
    filteredAttributes: [{ key: "user", value: { stringValue: "u" } }],
  },
];

/** As a collector sends it: every kind of metric. */
const REQUEST: Json = {
  resourceMetrics: [
    {
      resource: {
        attributes: [
          { key: "service.name", value: { stringValue: "cart" } },
          { key: "service.instance.id", value: { stringValue: "c1" } },
          { key: "k8s.pod.name", value: { stringValue: "cart-x" } },
        ],
      },
      scopeMetrics: [
        {
          scope: { name: "lib", version: "1", attributes: [] },
          schemaUrl: "https://opentelemetry.io/schemas/1.26.0",
          metrics: [
            {
              name: "queue.length",
              unit: "{items}",
              description: "Items that wait.",
              gauge: { dataPoints: [{ ...TIMES, asInt: "7", attributes, exemplars }] },
            },
            {
              name: "http.requests",
              unit: "1",
              sum: {
                aggregationTemporality: 2,
                isMonotonic: true,
                dataPoints: [{ ...TIMES, asDouble: 41.5, attributes, flags: 0 }],
              },
            },
            {
              name: "http.duration",
              unit: "s",
              histogram: {
                aggregationTemporality: "AGGREGATION_TEMPORALITY_CUMULATIVE",
                dataPoints: [
                  {
                    ...TIMES,
                    count: "6",
                    sum: 11.5,
                    bucketCounts: ["1", "2", "3"],
                    explicitBounds: [0.5, 1],
                    exemplars,
                  },
                ],
              },
            },
            {
              name: "size",
              unit: "By",
              exponentialHistogram: {
                aggregationTemporality: 2,
                dataPoints: [
                  {
                    ...TIMES,
                    count: 7,
                    sum: 3,
                    scale: 9,
                    zeroCount: 1,
                    zeroThreshold: 1e-9,
                    positive: { offset: -1, bucketCounts: ["1", "2", "0", "0", "0", "1"] },
                    negative: { offset: 3, bucketCounts: ["2"] },
                  },
                ],
              },
            },
            {
              name: "latency",
              summary: {
                dataPoints: [{ ...TIMES, count: 2, sum: 3, quantileValues: [{ quantile: 0.99, value: 2 }] }],
              },
            },
          ],
        },
      ],
    },
  ],
};

/** Stands for a list so deep that what follows it by recursion runs out of stack. */
const DEEP = "<deep>";
const DEEP_TEXT = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;

const ODD: readonly Json[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.5,
  1e300,
  -1e300,
  2 ** 53,
  2 ** 63,
  2 ** 64,
  -(2 ** 31) - 1,
  "",
  " ",
  "0",
  "-1",
  "NaN",
  "-Infinity",
  "1e400",
  "18446744073709551615",
  "18446744073709551616",
  "99999999999999999999",
  "\ud800",
  "\u0000",
  "__proto__",
  "x".repeat(70_000),
  [],
  [[]],
  {},
  [{}],
  { stringValue: 1 },
  { value: { arrayValue: { values: [null] } } },
  DEEP,
];

function oddOf(random: Random): Json {
  return structuredClone(ODD[random.below(ODD.length)]!);
}

/** Alters one place below `node`, whichever it comes to. */
function alter(random: Random, node: Json): void {
  if (node === null || typeof node !== "object") return;
  const at = node as Record<string, Json>;
  const keys = Object.keys(at);
  if (keys.length === 0) return;
  const key = keys[random.below(keys.length)]!;
  const choice = random.below(12);
  if (choice === 0 && !Array.isArray(node)) delete at[key];
  else if (choice === 1) at[key] = oddOf(random);
  else if (choice === 2 && Array.isArray(node)) node.push(structuredClone(node[random.below(node.length)]!));
  else if (choice === 3) at[keys[random.below(keys.length)]!] = structuredClone(at[key]!);
  else if (typeof at[key] === "object" && at[key] !== null) alter(random, at[key]);
  else at[key] = oddOf(random);
}

/** What a store cannot take of a push, or undefined. */
function pushProblem(push: MetricPush): string | undefined {
  const times = [...push.sampleTimes, ...push.histograms.map(({ timeMs }) => timeMs)];
  times.push(...push.exemplars.map(({ timeMs }) => timeMs), ...(push.sampleStartTimes ?? []));
  const wrong = times.find((timeMs) => !Number.isSafeInteger(timeMs) || timeMs < 0);
  if (wrong !== undefined) return `a time of ${wrong}`;
  for (const { value } of push.histograms) {
    const problem = histogramProblem(value);
    if (problem !== undefined) return problem;
    const { customBounds, positiveSpans, negativeSpans } = value;
    const spans = [...positiveSpans, ...negativeSpans];
    if (spans.some(({ offset }) => Math.abs(offset) > 2 ** 33)) return "a span that no format holds";
    const end = positiveSpans.reduce((sum, { offset, length }) => sum + offset + length, 0);
    if (customBounds !== undefined && end > customBounds.length + 1) return "a bucket without a bound";
  }
  for (const labels of push.labels) {
    if (labels.pairs.some((text) => !text.isWellFormed())) return "a label that UTF-8 cannot say";
    if (labels.get("le") === "NaN") return "a bucket up to NaN";
  }
  return push.sampleOffsets.at(-1) === push.sampleTimes.length ? undefined : "offsets that do not end";
}

/** What is wrong with how the body is taken, or undefined; counts what came of it. */
function check(body: Buffer, convertsHistogramsToNhcb: boolean, counts: { taken: number; refused: number }) {
  try {
    const options = { ...OTLP_METRICS_DEFAULTS, convertsHistogramsToNhcb };
    const push = decodeOtlpMetrics(body, "json", options);
    counts.taken++;
    return pushProblem(push);
  } catch (error) {
    counts.refused++;
    if (!(error instanceof BinnacleError) || error.code !== "BAD_BODY") return `it threw ${String(error)}`;
    const { message } = error;
    if (message.length > MESSAGE_LENGTH_MAX) return `a message of ${message.length} characters`;
    const hasPlace = /^(?:resourceMetrics|the body)/.test(message);
    return hasPlace ? undefined : `a message without a place: ${message}`;
  }
}

test(`a request altered in its values is decoded or refused with the place, seed ${SEED}`, () => {
  const random = seededRandom(SEED);
  const counts = { taken: 0, refused: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const request = structuredClone(REQUEST);
    for (let n = random.below(3); n >= 0; n--) alter(random, request);
    const text = JSON.stringify(request).replaceAll(`"${DEEP}"`, DEEP_TEXT);
    expect(
      check(Buffer.from(text), random.next() < 0.5, counts),
      `round ${round}: ${text.slice(0, 5000)}`,
    ).toBeUndefined();
  }
  expect(counts.taken).toBeGreaterThan(ROUNDS / 10);
  expect(counts.refused).toBeGreaterThan(ROUNDS / 10);
});

test(`a request cut off or altered in its bytes is decoded or refused, seed ${SEED}`, () => {
  const random = seededRandom(SEED);
  const counts = { taken: 0, refused: 0 };
  const bytes = Buffer.from(JSON.stringify(REQUEST));
  for (let end = 0; end < bytes.length; end++) {
    expect(check(bytes.subarray(0, end), false, counts), `cut at ${end}`).toBeUndefined();
  }
  expect(counts.taken).toBe(0);
  for (let round = 0; round < ROUNDS; round++) {
    const altered = Buffer.from(bytes);
    for (let n = random.below(3); n >= 0; n--) altered[random.below(altered.length)] = random.below(256);
    expect(check(altered, round % 2 === 0, counts), `round ${round}: ${altered.toString()}`).toBeUndefined();
  }
  expect(counts.taken).toBeGreaterThan(ROUNDS / 20);
});

const point = (kind: string, fields: object): string =>
  JSON.stringify({
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              { name: "x", [kind]: { aggregationTemporality: 2, dataPoints: [{ ...TIMES, ...fields }] } },
            ],
          },
        ],
      },
    ],
  });

test.for<[what: string, body: string, place: string]>([
  ["a time past 64 bits", point("gauge", { timeUnixNano: 1e300, asInt: 1 }), "timeUnixNano: expected"],
  ["a time before 1970", point("gauge", { timeUnixNano: "-1", asInt: 1 }), "timeUnixNano: expected"],
  ["a count below none", point("histogram", { count: -1 }), "count: expected a whole number (uint64)"],
  [
    "an offset past 32 bits",
    point("exponentialHistogram", { positive: { offset: 2 ** 40 } }),
    "offset: expected",
  ],
  [
    "what is deeper than the stack",
    `{"resourceMetrics":{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`,
    "resourceMetrics: expected a list, found an object",
  ],
])("%s is refused with its place", ([, body, place]) => {
  expect(() => decodeOtlpMetrics(Buffer.from(body), "json")).toThrow(place);
});
