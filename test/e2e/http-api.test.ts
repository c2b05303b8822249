/** What Binnacle's HTTP API has beyond the Prometheus that is at hand: newer endpoints, and its own. */
import fs from "node:fs";
import http from "node:http";
import { Labels } from "@binnacle/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { waitFor } from "../support/process.ts";
import { postWrite } from "../support/remote-write.ts";

let binnacle: RunningBinnacle;

const CONFIG = `scrape_configs:
  - job_name: steps
    static_configs: [{targets: ["127.0.0.1:1"]}]
    relabel_configs:
      - {source_labels: [__address__], target_label: host, regex: "([^:]+):.*"}
      - {action: drop, source_labels: [host], regex: "bad"}
      - {target_label: late, replacement: "yes"}
binnacle: {default_rules: false}
`;

beforeAll(async () => {
  binnacle = await startBinnacle({ mode: "up", config: CONFIG });
  const nowMs = Date.now();
  const names = ["shop_orders_total", "shop_orders_open", "shop_carts", "store_hours"];
  const written = names.flatMap((__name__, i) =>
    ["red", "green"].map((colour) => ({
      labels: Labels.fromObject({ __name__, colour, "http.status": "200" }),
      samples: [[nowMs - 1000, i] as const],
    })),
  );
  expect((await postWrite(`${binnacle.url}/api/v1/write`, written)).status).toBe(204);
});
afterAll(async () => {
  await binnacle?.stop();
});

async function search(what: string, params: Record<string, string>): Promise<unknown[]> {
  const query = new URLSearchParams({ "match[]": '{colour!=""}', ...params });
  const response = await fetch(`${binnacle.url}/api/v1/search/${what}?${query.toString()}`);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

const end = (hasMore: boolean) => ({ status: "success", has_more: hasMore });
const named = (...names: string[]) => ({ results: names.map((name) => ({ name })) });

test("a search answers in lines: batches, then how it ended", async () => {
  const all = ["shop_carts", "shop_orders_open", "shop_orders_total", "store_hours"];
  expect(await search("metric_names", {})).toEqual([named(...all), end(false)]);
  expect(await search("metric_names", { batch_size: "3", sort_by: "alpha", sort_dir: "dsc" })).toEqual([
    named(...all.toReversed().slice(0, 3)),
    named("shop_carts"),
    end(false),
  ]);
  expect(await search("metric_names", { limit: "2" })).toEqual([named(...all.slice(0, 2)), end(true)]);
  expect(await search("metric_names", { "search[]": "nothing like it" })).toEqual([named(), end(false)]);
  expect(
    await search("metric_names", { "search[]": "SHOP_O", case_sensitive: "false", include_score: "true" }),
  ).toEqual([
    {
      results: [
        { name: "shop_orders_open", score: 1 },
        { name: "shop_orders_total", score: 1 },
      ],
    },
    end(false),
  ]);
  expect(
    await search("metric_names", { "search[]": "sto", sort_by: "score", fuzz_threshold: "100" }),
  ).toEqual([named("store_hours"), end(false)]);
  expect(await search("label_names", { "search[]": "stat" })).toEqual([named("http.status"), end(false)]);
  expect(await search("label_values", { label: "colour", "search[]": "re" })).toEqual([
    named("green", "red"),
    end(false),
  ]);
});

test.each([
  ["metric_names?fuzz_threshold=101", "invalid fuzz_threshold"],
  ["metric_names?fuzz_alg=guess", "unsupported fuzz_alg"],
  ["metric_names?sort_by=age", "invalid sort_by"],
  ["metric_names?sort_dir=asc", "sort_dir is only valid when sort_by is set"],
  ["metric_names?sort_by=score&sort_dir=asc", "sort_dir is not supported for sort_by=score"],
  ["metric_names?sort_by=score", "sort_by=score requires search[]"],
  ["metric_names?include_score=perhaps", "unable to parse boolean"],
  ["label_values", '"label"'],
])("search/%s is refused", async (path, message) => {
  const response = await fetch(`${binnacle.url}/api/v1/search/${path}`);
  expect(response.status).toBe(400);
  expect(((await response.json()) as { error: string }).error).toContain(message);
});

test("relabelling is shown rule by rule, up to the one that drops", async () => {
  const steps = async (address: string): Promise<readonly { output: object; keep: boolean }[]> => {
    const params = new URLSearchParams({
      scrapePool: "steps",
      labels: JSON.stringify({ __address__: address }),
    });
    const url = `${binnacle.url}/api/v1/targets/relabel_steps?${params.toString()}`;
    return (await ask<{ steps: { output: object; keep: boolean }[] }>(url)).steps;
  };
  const kept = await steps("good:80");
  expect(kept.map(({ output, keep }) => [output, keep])).toEqual([
    [{ __address__: "good:80", host: "good" }, true],
    [{ __address__: "good:80", host: "good" }, true],
    [{ __address__: "good:80", host: "good", late: "yes" }, true],
  ]);
  expect((await steps("bad:80")).map(({ keep }) => keep)).toEqual([true, false]);
  const unknown = await fetch(`${binnacle.url}/api/v1/targets/relabel_steps?scrapePool=none&labels=%7B%7D`);
  expect(unknown.status).toBe(404);
});

test("a job's configuration, features, own metrics and blocks", async () => {
  const { yaml } = await ask<{ yaml: string }>(`${binnacle.url}/api/v1/scrape_pools/config?scrapePool=steps`);
  expect(yaml).toMatch(/^job_name: steps\n/);
  const features = await ask<Record<string, Record<string, boolean>>>(`${binnacle.url}/api/v1/features`);
  expect(features.promql_functions).toMatchObject({ rate: true, info: false });
  const own = `${binnacle.url}/api/v1/status/self_metrics?metric_name_pattern=binnacle_tsdb_b.*`;
  const families = await ask<{ name: string; type: string }[]>(own);
  expect(families).toContainEqual(expect.objectContaining({ name: "binnacle_tsdb_blocks", type: "GAUGE" }));
  expect((await fetch(`${binnacle.url}/api/v1/admin/tsdb/compact`, { method: "POST" })).status).toBe(200);
  const { blocks } = await ask<{ blocks: { stats: { numSamples: number } }[] }>(
    `${binnacle.url}/api/v1/status/tsdb/blocks`,
  );
  expect(blocks.length).toBeGreaterThan(0);
  expect(blocks[0]!.stats.numSamples).toBeGreaterThan(0);
});

test("a reload that fails raises a notice, which its success withdraws; listeners hear of both", async () => {
  const heard: string[] = [];
  const stream = http.get(`${binnacle.url}/api/v1/notifications/live`, (response) => {
    expect(response.headers["content-type"]).toBe("text/event-stream");
    response.setEncoding("utf8").on("data", (text: string) => heard.push(...text.split("\n\n")));
  });
  const reload = async (): Promise<number> =>
    (await fetch(`${binnacle.url}/-/reload`, { method: "POST" })).status;
  const active = () => ask<{ text: string }[]>(`${binnacle.url}/api/v1/notifications`);
  try {
    await new Promise((resolve) => stream.once("response", resolve));
    fs.writeFileSync(binnacle.configFile, "scrape_configs: 5\n");
    expect(await reload()).toBe(400);
    expect(await active()).toMatchObject([{ text: "Configuration reload has failed." }]);
    expect(await ask(`${binnacle.url}/api/v1/status/runtimeinfo`)).toMatchObject({
      reloadConfigSuccess: false,
    });
    fs.writeFileSync(binnacle.configFile, CONFIG);
    expect(await reload()).toBe(200);
    expect(await active()).toEqual([]);
    const events = () => heard.filter((it) => it.startsWith("data: "));
    await waitFor(() => events().length >= 2, { what: "two events" });
    expect(events().map((it) => (JSON.parse(it.slice(6)) as { active: boolean }).active)).toEqual([
      true,
      false,
    ]);
  } finally {
    stream.destroy();
  }
});

test("samples are deleted, and a snapshot holds the rest", async () => {
  const post = (path: string) => fetch(`${binnacle.url}/api/v1/admin/tsdb/${path}`, { method: "POST" });
  const gone = encodeURIComponent('shop_carts{colour="red"}');
  expect((await post(`delete_series?match[]=${gone}`)).status).toBe(204);
  const series = await ask<object[]>(`${binnacle.url}/api/v1/series?match[]=shop_carts`);
  expect(series).toEqual([{ __name__: "shop_carts", colour: "green", "http.status": "200" }]);
  expect((await post("clean_tombstones")).status).toBe(204);
  const { data } = (await (await post("snapshot")).json()) as { data: { name: string } };
  expect(fs.readdirSync(`${binnacle.dataDir}/snapshots/${data.name}`)).not.toEqual([]);
  expect((await post("delete_series")).status).toBe(400);
  expect((await post("snapshot?skip_head=perhaps")).status).toBe(400);
});

test("a label whose name needs escaping", async () => {
  const values = await ask<string[]>(`${binnacle.url}/api/v1/label/U__http_2e_status/values`);
  expect(values).toEqual(["200"]);
  const exposition = async (accept: string): Promise<string> =>
    (await fetch(`${binnacle.url}/federate?match[]=shop_orders_open`, { headers: { accept } })).text();
  expect(await exposition("text/plain")).toContain('http_status="200"');
  expect(await exposition("text/plain;escaping=allow-utf-8")).toContain('"http.status"="200"');
});

test("who listens for other machines deletes nothing unless told that it may", async () => {
  const flags = ["--listen", `0.0.0.0:${binnacle.port}`];
  await binnacle.stop();
  const open = await startBinnacle({ mode: "serve", port: binnacle.port, flags });
  try {
    const refused = await fetch(`${open.url}/api/v1/admin/tsdb/clean_tombstones`, { method: "POST" });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ error: expect.stringContaining("admin APIs disabled") });
  } finally {
    await open.stop();
  }
});
