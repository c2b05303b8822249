import { BinnacleError, seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { ProtobufWriter } from "../protobuf/writer.ts";
import { linesOf } from "../push/testing.ts";
import { decodeOtlpMetrics } from "./decode.ts";
import { formatFixed } from "./format-fixed.ts";
import { labelNameOf, metricNameOf, type NamedMetric } from "./names.ts";
import { OTLP_METRICS_DEFAULTS, type OtlpMetricsOptions } from "./options.ts";

const TIMES = { startTimeUnixNano: "1000000000", timeUnixNano: "5000999999" };
const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });
const RESOURCE = {
  attributes: [
    text("service.namespace", "shop"),
    text("service.name", "cart"),
    text("service.instance.id", "c1"),
    text("k8s.pod.name", "cart-x"),
  ],
};

function decode(
  metrics: readonly object[],
  options: Partial<OtlpMetricsOptions> = {},
  resource: object = RESOURCE,
) {
  const body = {
    resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: "lib", version: "1" }, metrics }] }],
  };
  return decodeOtlpMetrics(Buffer.from(JSON.stringify(body)), "json", {
    ...OTLP_METRICS_DEFAULTS,
    ...options,
  });
}

const ID = 'instance="c1", job="shop/cart"';
const INFO = `target_info{${ID}, k8s_pod_name="cart-x"} 1 @ 5000`;

const HISTOGRAM = {
  name: "lat",
  unit: "s",
  histogram: {
    aggregationTemporality: 2,
    dataPoints: [
      {
        ...TIMES,
        count: "6",
        sum: 11.5,
        bucketCounts: ["1", "2", "3"],
        explicitBounds: [0.5, 1],
        exemplars: [
          {
            timeUnixNano: "4000000000",
            asDouble: 0.7,
            traceId: "0102030405060708090a0b0c0d0e0f10",
            filteredAttributes: [text("k", "v")],
          },
        ],
      },
    ],
  },
};
const EXPONENTIAL = {
  name: "exp",
  exponentialHistogram: {
    aggregationTemporality: 2,
    dataPoints: [
      {
        ...TIMES,
        count: "7",
        sum: 3,
        scale: 9,
        zeroCount: "1",
        positive: { offset: -1, bucketCounts: ["1", "2", "0", "0", "0", "0", "0", "0", "0", "1"] },
        negative: { offset: 3, bucketCounts: ["2"] },
      },
    ],
  },
};

test("gauges, sums, histograms and summaries become series", () => {
  const push = decode([
    {
      name: "cpu.use",
      unit: "1",
      gauge: { dataPoints: [{ ...TIMES, asDouble: 0.5, attributes: [text("a.b", "x")] }] },
    },
    {
      name: "reqs",
      unit: "{r}",
      sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...TIMES, asInt: "41" }] },
    },
    { name: "mem", unit: "By", sum: { aggregationTemporality: 2, dataPoints: [{ ...TIMES, asInt: -3 }] } },
    HISTOGRAM,
    {
      name: "q",
      summary: {
        dataPoints: [{ ...TIMES, count: 2, sum: 3, quantileValues: [{ quantile: 0.99, value: 2 }] }],
      },
    },
  ]);
  const started = "@ 5000 from 1000";
  expect(push.errors).toEqual([]);
  expect(linesOf(push)).toEqual(
    [
      `cpu_use_ratio{a_b="x", ${ID}} 0.5 @ 5000`,
      `lat_seconds_bucket{${ID}, le="+Inf"} 6 ${started}`,
      `lat_seconds_bucket{${ID}, le="0.5"} 1 ${started}`,
      `lat_seconds_bucket{${ID}, le="1"} 3 ${started}`,
      `lat_seconds_count{${ID}} 6 ${started}`,
      `lat_seconds_sum{${ID}} 11.5 ${started}`,
      `mem_bytes{${ID}} -3 ${started}`,
      `q_count{${ID}} 2 ${started}`,
      `q_sum{${ID}} 3 ${started}`,
      `q{${ID}, quantile="0.99"} 2 @ 5000`,
      `reqs_total{${ID}} 41 ${started}`,
      INFO,
    ].sort(),
  );
  expect(push.metadata.map(({ metric, type, unit }) => [metric, type, unit])).toEqual([
    ["cpu_use_ratio", "gauge", ""],
    ["reqs_total", "counter", ""],
    ["mem_bytes", "gauge", "bytes"],
    ["lat_seconds", "histogram", "seconds"],
    ["q", "summary", ""],
  ]);
  expect(push.exemplars).toHaveLength(1);
  const [exemplar] = push.exemplars;
  expect(push.labels[exemplar!.series]!.get("le")).toBe("1");
  expect(exemplar!.labels.toObject()).toEqual({ trace_id: "0102030405060708090a0b0c0d0e0f10", k: "v" });
});

test("exponential histograms become native ones, no finer than schema 8", () => {
  expect(linesOf(decode([EXPONENTIAL]))).toEqual([
    // Buckets 0, 1 and 9 of scale 9 lie in 0, 1 and 5 of schema 8; bucket 4 in 2.
    `exp{${ID}} {schema 8, count 7, sum 3, zero 1, positive 0+2 3+1 [1 2 1], negative 2+1 [2]} @ 5000 from 1000`,
    INFO,
  ]);
});

test("explicit histograms become native ones with custom bounds where that is wanted", () => {
  expect(linesOf(decode([HISTOGRAM], { convertsHistogramsToNhcb: true }))[0]).toBe(
    `lat_seconds{${ID}} {schema -53, count 6, sum 11.5, zero 0, positive 0+3 [1 2 3], negative  [], bounds 0.5 1} @ 5000 from 1000`,
  );
});

test("a point without a value ends its series", () => {
  const stale = { ...TIMES, flags: 1 };
  const push = decode([
    { name: "g", gauge: { dataPoints: [stale] } },
    { name: "e", exponentialHistogram: { aggregationTemporality: 2, dataPoints: [stale] } },
  ]);
  expect(linesOf(push)).toEqual([`e{${ID}} stale @ 5000 from 1000`, `g{${ID}} stale @ 5000`, INFO]);
});

test("deltas are refused with the reason, unless they are allowed", () => {
  const delta = {
    name: "d",
    sum: {
      aggregationTemporality: 1,
      isMonotonic: true,
      dataPoints: [
        { ...TIMES, asInt: 1 },
        { ...TIMES, asInt: 2 },
      ],
    },
  };
  const refused = decode([delta]);
  expect([refused.errorCount, refused.errors]).toEqual([
    2,
    [expect.stringMatching(/^metric "d": its aggregation temporality is delta/)],
  ]);
  expect(linesOf(decode([delta], { takesDeltas: true }))).toContain(`d_total{${ID}} 1 @ 5000 from 1000`);
});

test("resource attributes are promoted as the options say", () => {
  const gauge = { name: "g", gauge: { dataPoints: [{ ...TIMES, asInt: 1 }] } };
  const lines = (options: Partial<OtlpMetricsOptions>): string[] => linesOf(decode([gauge], options));
  expect(lines({ promotedResourceAttributes: ["k8s.pod.name"] })[0]).toBe(
    `g{${ID}, k8s_pod_name="cart-x"} 1 @ 5000`,
  );
  expect(
    lines({
      promotesAllResourceAttributes: true,
      ignoredResourceAttributes: ["service.name", "service.namespace"],
    })[0],
  ).toBe(`g{${ID}, k8s_pod_name="cart-x", service_instance_id="c1"} 1 @ 5000`);
  expect(lines({ promotesScopeMetadata: true })[0]).toBe(
    `g{${ID}, otel_scope_name="lib", otel_scope_version="1"} 1 @ 5000`,
  );
  expect(lines({ keepsIdentifyingResourceAttributes: true })[1]).toContain('service_name="cart"');
  expect(linesOf(decode([gauge], {}, { attributes: [text("service.name", "alone")] }))).toEqual([
    'g{job="alone"} 1 @ 5000',
  ]);
});

test.each<[NamedMetric, string, string, string]>([
  [
    { name: "http.server.duration", unit: "s", kind: "other" },
    "http_server_duration_seconds",
    "http_server_duration",
    "http.server.duration_seconds",
  ],
  [{ name: "a.total.b", unit: "", kind: "counter" }, "a_b_total", "a_total_b", "a.total.b_total"],
  [
    { name: "speed", unit: "m/s", kind: "gauge" },
    "speed_meters_per_second",
    "speed",
    "speed_meters_per_second",
  ],
  [{ name: "used.ratio", unit: "1", kind: "gauge" }, "used_ratio", "used_ratio", "used_ratio"],
  [{ name: "2nd", unit: "{x}", kind: "other" }, "_2nd", "_2nd", "2nd"],
  [{ name: "size_bytes", unit: "By", kind: "gauge" }, "size_bytes", "size_bytes", "size_bytes"],
  [{ name: "a__b", unit: "", kind: "other" }, "a_b", "a__b", "a__b"],
  [{ name: "Größe", unit: "%", kind: "gauge" }, "Gr_e_percent", "Gr_e", "Größe_percent"],
  [{ name: "...", unit: "", kind: "gauge" }, "", "", "..."],
])("%j is named", (metric, escaped, without, utf8) => {
  const named = (translationStrategy: OtlpMetricsOptions["translationStrategy"]): string =>
    metricNameOf(metric, { ...OTLP_METRICS_DEFAULTS, translationStrategy });
  expect(named("UnderscoreEscapingWithSuffixes")).toBe(escaped);
  expect(named("UnderscoreEscapingWithoutSuffixes")).toBe(without);
  expect(named("NoUTF8EscapingWithSuffixes")).toBe(utf8);
  expect(named("NoTranslation")).toBe(metric.name);
});

test.each([
  ["http.method", "http_method"],
  ["1st", "key_1st"],
  ["_x", "key_x"],
  ["__x", "__x"],
  ["a..b", "a__b"],
  ["…", "key_"],
  ["...", ""],
])("label %j becomes %j", (name, label) => {
  expect(labelNameOf(name, OTLP_METRICS_DEFAULTS)).toBe(label);
});

test("numbers in labels have no exponent", () => {
  expect([1e-7, 1.5e-9, 1e21, -2.5e22, 0.1, Infinity].map(formatFixed)).toEqual([
    "0.0000001",
    "0.0000000015",
    "1000000000000000000000",
    "-25000000000000000000000",
    "0.1",
    "+Inf",
  ]);
});

test.each([
  [{ name: "x" }, 'metric "x": it has no data'],
  [{ name: "x", gauge: { dataPoints: [{ asInt: 1 }] } }, 'metric "x": a point has no time'],
  [{ name: "x", gauge: { dataPoints: [TIMES] } }, 'metric "x": a point has no value'],
  [{ name: "", gauge: { dataPoints: [{ ...TIMES, asInt: 1 }] } }, 'metric "": its name has no character'],
  [
    { name: "x", sum: { dataPoints: [{ ...TIMES, asInt: 1 }] } },
    'metric "x": its aggregation temporality is not given',
  ],
  [
    {
      name: "x",
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [{ ...TIMES, bucketCounts: [1], explicitBounds: [1] }],
      },
    },
    'metric "x": a point has 1 bounds and 1 bucket counts',
  ],
  [
    {
      name: "x",
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [{ ...TIMES, bucketCounts: [1, 1, 1], explicitBounds: [2, 1] }],
      },
    },
    'metric "x": a point\'s bounds do not ascend: 2, 1',
  ],
  [
    { name: "x", exponentialHistogram: { aggregationTemporality: 2, dataPoints: [{ ...TIMES, scale: -5 }] } },
    'metric "x": its scale is -5',
  ],
])("%j is refused, and its neighbour is kept", (metric, problem) => {
  const push = decode([metric, { name: "good", gauge: { dataPoints: [{ ...TIMES, asInt: 1 }] } }]);
  expect(push.errors).toEqual([expect.stringContaining(problem)]);
  expect(linesOf(push)).toContain(`good{${ID}} 1 @ 5000`);
});

test.each([
  ["", "the body is not JSON"],
  ["[]", "the body: expected an object"],
  ['{"resourceMetrics":1}', "resourceMetrics: expected a list, found 1"],
  [
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":1}]}]}]}',
    "resourceMetrics[0].scopeMetrics[0].metrics[0].name: expected a text, found 1",
  ],
  [
    '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"asInt":"x"}]}}]}]}]}',
    "asInt: expected a whole number",
  ],
])("the body %j is refused", (body, problem) => {
  expect(() => decodeOtlpMetrics(Buffer.from(body), "json")).toThrow(problem);
});

const gauge = (attributes: readonly object[]): object => ({
  name: "g",
  gauge: { dataPoints: [{ ...TIMES, asInt: 1, attributes }] },
});

test("values nested too deep, and too many attributes, are refused by name", () => {
  let value: object = { intValue: "1" };
  for (let i = 0; i < 40; i++) value = { arrayValue: { values: [value] } };
  expect(() => decode([gauge([{ key: "a", value }])])).toThrow("OTLP_DEPTH_MAX");
  expect(() => decode([gauge(Array.from({ length: 1025 }, (_, i) => text(`a${i}`, "")))])).toThrow(
    "OTLP_ATTRIBUTES_MAX",
  );
});

/** The message of a gauge, a counter, both histograms and a summary. */
function protobufMessage(): Uint8Array {
  const writer = new ProtobufWriter();
  const fixed64 = (field: number, value: bigint): void =>
    writer.doubleFrom(field, new Uint32Array(BigUint64Array.of(value).buffer), 0);
  const attribute = (field: number, key: string, value: string): void =>
    writer.message(field, () => {
      writer.string(1, key);
      writer.message(2, () => writer.string(1, value));
    });
  const times = (): void => {
    fixed64(2, 1_000_000_000n);
    fixed64(3, 5_000_999_999n);
  };
  const metric = (name: string, field: number, point: () => void, temporality = 2): void =>
    writer.message(2, () => {
      writer.string(1, name);
      writer.message(field, () => {
        writer.message(1, point);
        if (temporality !== 0) writer.uint32(2, temporality);
        if (field === 7) writer.uint32(3, 1);
      });
    });
  writer.message(1, () => {
    writer.message(1, () => {
      attribute(1, "service.namespace", "shop");
      attribute(1, "service.name", "cart");
      attribute(1, "service.instance.id", "c1");
      attribute(1, "k8s.pod.name", "cart-x");
    });
    writer.message(2, () => {
      metric(
        "g",
        5,
        () => {
          times();
          writer.double(4, 0.5);
          attribute(7, "a.b", "x");
        },
        0,
      );
      metric("c", 7, () => {
        times();
        fixed64(6, 41n);
      });
      metric("h", 9, () => {
        times();
        fixed64(4, 6n);
        writer.double(5, 11.5);
        writer.bytes(6, new Uint8Array(BigUint64Array.of(1n, 2n, 3n).buffer));
        writer.packedDoubles(7, Float64Array.of(0.5, 1));
      });
      metric("e", 10, () => {
        times();
        fixed64(4, 3n);
        writer.double(5, 3);
        writer.message(8, () => {
          writer.sint32(1, -1);
          writer.bytes(2, Uint8Array.of(1, 2));
        });
      });
      metric(
        "s",
        11,
        () => {
          times();
          fixed64(4, 2n);
          writer.double(5, 3);
          writer.message(6, () => {
            writer.double(1, 0.99);
            writer.double(2, 2);
          });
        },
        0,
      );
    });
  });
  return writer.written.slice();
}

const point = (fields: object): object => ({
  dataPoints: [{ ...TIMES, ...fields }],
  aggregationTemporality: 2,
});

test("protobuf says the same as JSON", () => {
  const same = decode([
    { name: "g", gauge: point({ asDouble: 0.5, attributes: [text("a.b", "x")] }) },
    { name: "c", sum: { ...point({ asInt: "41" }), isMonotonic: true } },
    {
      name: "h",
      histogram: point({ count: 6, sum: 11.5, bucketCounts: [1, 2, 3], explicitBounds: [0.5, 1] }),
    },
    {
      name: "e",
      exponentialHistogram: point({ count: 3, sum: 3, positive: { offset: -1, bucketCounts: [1, 2] } }),
    },
    { name: "s", summary: point({ count: 2, sum: 3, quantileValues: [{ quantile: 0.99, value: 2 }] }) },
  ]);
  const push = decodeOtlpMetrics(protobufMessage(), "protobuf");
  expect(push.errors).toEqual([]);
  expect(linesOf(push)).toEqual(linesOf(same));
  expect(push.sampleTimes.length + push.histograms.length).toBe(12);
});

test("a message cut off or changed at any byte is decoded or refused, never worse", () => {
  const message = protobufMessage();
  const seed = 90_125;
  const random = seededRandom(seed);
  const check = (bytes: Uint8Array): void => {
    try {
      decodeOtlpMetrics(bytes, "protobuf");
    } catch (error) {
      if (!(error instanceof BinnacleError)) throw new Error(`seed ${seed}`, { cause: error });
    }
  };
  for (let end = 0; end < message.length; end++) check(message.subarray(0, end));
  for (let i = 0; i < 5000; i++) {
    const changed = message.slice();
    for (let n = random.below(3); n >= 0; n--) changed[random.below(changed.length)] = random.below(256);
    check(changed);
  }
});
