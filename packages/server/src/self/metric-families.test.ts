import { expect, test } from "vitest";
import { PromMeter } from "./meter.ts";
import { metricFamilies } from "./metric-families.ts";

test("counters, gauges and histograms are written as Prometheus's MetricFamily", async () => {
  const meter = new PromMeter();
  meter.counter({ name: "t_reads_total", help: "Reads.", labelNames: ["kind"] }).inc({ kind: "a" }, 3);
  meter.gauge({ name: "t_level", help: "Level." }).set(-Infinity);
  const seconds = meter.histogram({
    name: "t_seconds",
    help: "Time.",
    labelNames: ["kind"],
    buckets: [1, 2],
  });
  for (const value of [0.5, 1.5, 9]) seconds.observe(value, { kind: "a" });
  const families = metricFamilies(await meter.registry.getMetricsAsJSON());
  expect(families.filter(({ name }) => name.startsWith("t_"))).toEqual([
    {
      name: "t_reads_total",
      help: "Reads.",
      type: "COUNTER",
      metric: [{ label: [{ name: "kind", value: "a" }], counter: { value: 3 } }],
    },
    {
      name: "t_level",
      help: "Level.",
      type: "GAUGE",
      metric: [{ label: [], gauge: { value: "-Infinity" } }],
    },
    {
      name: "t_seconds",
      help: "Time.",
      type: "HISTOGRAM",
      metric: [
        {
          label: [{ name: "kind", value: "a" }],
          histogram: {
            sampleCount: "3",
            sampleSum: 11,
            bucket: [
              { cumulativeCount: "1", upperBound: 1 },
              { cumulativeCount: "2", upperBound: 2 },
              { cumulativeCount: "3", upperBound: "Infinity" },
            ],
          },
        },
      ],
    },
  ]);
});
