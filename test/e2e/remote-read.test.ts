/** A real Prometheus that keeps nothing itself and reads everything from Binnacle. */
import { Labels } from "@binnacle/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { startPrometheus, type RunningPeer } from "../support/prometheus.ts";
import { postWrite, type WrittenSeries } from "../support/remote-write.ts";

let binnacle: RunningBinnacle;
let prometheus: RunningPeer;

/** Whole seconds, an hour ago. */
const START_MS = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
const STEPS = 400;

/** Enough samples for several chunks, values of every kind of difference. */
const SERIES: readonly WrittenSeries[] = ["a", "b", "c"].map((pod, i) => ({
  labels: Labels.fromObject({ __name__: "read_back", pod }),
  samples: Array.from({ length: STEPS }, (_, step) => [
    START_MS + step * 5000 + (i === 2 ? (step * 37) % 400 : 0),
    [step * 3, Math.sin(step) * 1e6, step % 7 === 0 ? -0 : 1 / step][i]!,
  ]),
}));

beforeAll(async () => {
  binnacle = await startBinnacle({
    mode: "serve",
    config: "global: {external_labels: {site: here}}\n",
  });
  expect((await postWrite(`${binnacle.url}/api/v1/write`, SERIES)).status).toBe(204);
  prometheus = await startPrometheus({
    config: `remote_read: [{url: "${binnacle.url}/api/v1/read", read_recent: true}]\n`,
  });
});
afterAll(async () => {
  await prometheus?.stop();
  await binnacle?.stop();
});

interface Matrix {
  readonly result: readonly {
    readonly metric: Record<string, string>;
    readonly values: [number, string][];
  }[];
}

const read = (url: string, query: string): Promise<Matrix> =>
  ask<Matrix>(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);

test.each([
  ["all series", "read_back[2h]", 3],
  ["one series", 'read_back{pod="b"}[2h]', 1],
  ["a pattern", 'read_back{pod=~"a|c"}[2h]', 2],
  ["what a pattern leaves", 'read_back{pod!~"a|c"}[2h]', 1],
  ["a label that all have from outside", 'read_back{site="here"}[2h]', 3],
  ["an outside label of another value", 'read_back{site="there"}[2h]', 0],
  ["nothing", "no_such_metric[2h]", 0],
])("Prometheus reads %s as it was written", async (_what, query, count) => {
  const { result } = await read(prometheus.url, query);
  expect(result).toHaveLength(count);
  for (const { metric, values } of result) {
    const written = SERIES.find(({ labels }) => labels.get("pod") === metric.pod)!;
    expect(metric).toEqual({ __name__: "read_back", pod: metric.pod, site: "here" });
    expect(values.map(([seconds, value]) => [Math.round(seconds * 1000), Number(value)])).toEqual(
      written.samples,
    );
  }
});

test("what is no request is refused with a reason, in plain text as Prometheus does", async () => {
  const response = await fetch(`${binnacle.url}/api/v1/read`, { method: "POST", body: "no snappy" });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("snappy");
});
