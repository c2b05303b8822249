import { BinnacleError, type MetricSink, type SampleRow } from "@binnacle/model";
import { decodeJsonSeries } from "@binnacle/wire";
import { expect, test } from "vitest";
import { MetricAppender, pushRejections } from "./metric-appender.ts";

test("what never reaches the store is counted by its reason, and the rest is taken", async () => {
  const counts: Record<string, number> = {};
  const rejected = pushRejections({
    counter: () => ({
      inc: ({ reason } = {}, by = 1) => void (counts[reason!] = (counts[reason!] ?? 0) + by),
    }),
    gauge: () => ({ set() {} }),
    histogram: () => ({ observe() {} }),
  });
  const appended: SampleRow[] = [];
  const sink: MetricSink = {
    series: (labels) => {
      if (labels.get("__name__") === "full") throw new BinnacleError("LIMIT_EXCEEDED", "no room for it");
      return labels.get("__name__").length;
    },
    append: (rows) => {
      appended.push(...rows);
      const count = rows.reduce((sum, row) => sum + row.series.length, 0);
      return Promise.resolve({ appended: count, rejected: 0, rejections: [], unknownSeries: [] });
    },
    describe() {},
  };
  const body = [
    '{"metric":{"__name__":"good"},"values":[1,2],"timestamps":[1000,2000]}',
    '{"metric":{"__name__":"full"},"values":[1,2,3],"timestamps":[1000,2000,3000]}',
    '{"metric":{"__name__":"bad"},"values":[1,2],"timestamps":[1000]}',
    '{"metric":',
  ].join("\n");
  const push = decodeJsonSeries(Buffer.from(body), { nowMs: 0, extraLabels: [] });
  const summary = await new MetricAppender(sink, rejected).appendPush(push);
  expect(summary).toMatchObject({ samples: 2, refused: 3 });
  expect(summary.reasons).toEqual([expect.anything(), expect.anything(), "no room for it"]);
  expect(counts).toEqual({ invalid: 2, series_refused: 3 });
  expect(appended.map(({ timeMs }) => timeMs)).toEqual([1000, 2000]);
});
