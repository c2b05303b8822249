/** Scraping against real HTTP servers: what arrives in the sink, and what a bad target costs. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BinnacleError, Labels } from "@binnacle/model";
import { afterEach, expect, test } from "vitest";
import { resolveScrapeConfig, scrapeConfigSchema, type ScrapeConfig } from "../config/scrape-config.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "../testing/certificate.ts";
import { eventually, RecordingLogger, RecordingMeter, RecordingMetricSink } from "../testing/recorders.ts";
import { ScrapeManager } from "./scrape-manager.ts";
import type { ActiveTargetStatus } from "./target-status.ts";

const TEXT = "text/plain; version=0.0.4";
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Serves the texts one after the other, and the last one from then on. */
function serveTexts(...texts: string[]): Promise<string> {
  let served = 0;
  return serve((_request, response) => {
    const text = texts[Math.min(served++, texts.length - 1)]!;
    response.setHeader("content-type", TEXT);
    response.end(text);
  });
}

function start(options: { baseDir?: string } = {}) {
  const sink = new RecordingMetricSink();
  const meter = new RecordingMeter();
  const logger = new RecordingLogger();
  const manager = new ScrapeManager({ sink, meter, logger, ...options });
  cleanups.push(() => manager.stop());
  return { sink, meter, logger, manager };
}

function job(targets: string | string[], more: object = {}): ScrapeConfig {
  const given = { job_name: "j", static_configs: [{ targets: [targets].flat() }], ...more };
  return resolveScrapeConfig(scrapeConfigSchema.parse(given), { scrape_interval: 100, scrape_timeout: 100 });
}

const active = (manager: ScrapeManager): ActiveTargetStatus[] =>
  manager.targets().filter((target): target is ActiveTargetStatus => target.state === "active");

test("a scrape becomes a row: the target's series, up and its kin, on the target's grid", async () => {
  const address = await serveTexts('# TYPE a counter\n# HELP a things\na{x="1"} 5\nb NaN\n');
  const { sink, manager } = start();
  manager.apply([job(address)]);
  await eventually(
    () => sink.valuesOf(`up{instance="${address}", job="j"}`).length >= 3,
    () => sink.samples,
  );
  const label = `instance="${address}", job="j"`;
  expect(sink.valuesOf(`a{${label}, x="1"}`)[0]).toBe(5);
  expect(sink.valuesOf(`b{${label}}`)[0]).toBeNaN();
  expect(sink.valuesOf(`up{${label}}`)[0]).toBe(1);
  expect(sink.valuesOf(`scrape_samples_scraped{${label}}`)[0]).toBe(2);
  expect(sink.valuesOf(`scrape_samples_post_metric_relabeling{${label}}`)[0]).toBe(2);
  expect(sink.valuesOf(`scrape_series_added{${label}}`).slice(0, 2)).toEqual([2, 0]);
  expect(sink.metadata).toContainEqual({ metric: "a", type: "counter", help: "things", unit: "" });
  expect(new Set(sink.samples.map(({ group }) => group))).toEqual(new Set([`scrape/j/${address}`]));
  expect(active(manager)[0]).toMatchObject({ health: "up", lastError: "", scrapeInterval: "100ms" });
});

test("a series that vanishes ends with a stale marker, and begins anew when it is back", async () => {
  const address = await serveTexts("a 1\nb 1\n", "a 2\n", "a 3\nb 3\n");
  const { sink, manager } = start();
  manager.apply([job(address)]);
  const label = `instance="${address}", job="j"`;
  await eventually(
    () => sink.valuesOf(`b{${label}}`).length >= 3,
    () => sink.samples,
  );
  expect(sink.valuesOf(`b{${label}}`).slice(0, 3)).toEqual([1, "stale", 3]);
  expect(sink.valuesOf(`scrape_series_added{${label}}`).slice(0, 3)).toEqual([2, 0, 1]);
});

test("a target that is taken away ends with all its series, up included", async () => {
  const address = await serveTexts("a 1\n");
  const { sink, manager } = start();
  manager.apply([job(address)]);
  const label = `instance="${address}", job="j"`;
  await eventually(
    () => sink.valuesOf(`a{${label}}`).length > 0,
    () => sink.samples,
  );
  manager.apply([]);
  await eventually(
    () => sink.valuesOf(`up{${label}}`).at(-1) === "stale",
    () => sink.samples,
  );
  expect(sink.valuesOf(`a{${label}}`).at(-1)).toBe("stale");
  expect(manager.targets()).toEqual([]);
});

test("stopping the process ends no series", async () => {
  const address = await serveTexts("a 1\n");
  const { sink, manager } = start();
  manager.apply([job(address)]);
  await eventually(
    () => sink.samples.length > 0,
    () => sink.samples,
  );
  await manager.stop();
  expect(sink.samples.filter(({ value }) => value === "stale")).toEqual([]);
});

test("a changed configuration goes on with the same series, and ends what it no longer keeps", async () => {
  const address = await serveTexts("a 1\nb 1\n");
  const { sink, manager } = start();
  const label = `instance="${address}", job="j"`;
  manager.apply([job(address)]);
  await eventually(
    () => sink.valuesOf(`b{${label}}`).length > 0,
    () => sink.samples,
  );
  const dropB = { metric_relabel_configs: [{ source_labels: ["__name__"], regex: "b", action: "drop" }] };
  manager.apply([job(address, dropB)]);
  await eventually(
    () => sink.valuesOf(`b{${label}}`).at(-1) === "stale",
    () => sink.samples,
  );
  const count = sink.valuesOf(`a{${label}}`).length;
  await eventually(
    () => sink.valuesOf(`a{${label}}`).length > count,
    () => sink.samples,
  );
  expect(sink.valuesOf(`a{${label}}`)).not.toContain("stale");
});

interface BadTarget {
  readonly name: string;
  readonly listener: RequestListener;
  readonly config?: object;
  readonly error: string;
}

const textOf = (body: string): RequestListener => {
  return (_request, response) => response.setHeader("content-type", TEXT).end(body);
};

const badTargets: BadTarget[] = [
  {
    name: "answers 500",
    listener: (_request, response) => response.writeHead(500).end("oh"),
    error: "server returned HTTP status 500",
  },
  {
    name: "answers HTML",
    listener: (_request, response) => response.setHeader("content-type", "text/html").end("<html>"),
    error: 'unsupported Content-Type "text/html"',
  },
  { name: "answers garbage", listener: textOf("a 1\nwhat is this?\n"), error: "line 2" },
  { name: "never answers", listener: () => undefined, error: "scrape_timeout (100ms)" },
  {
    name: "never ends its answer",
    listener: (_request, response) => {
      response.setHeader("content-type", TEXT);
      response.write("a 1\n");
    },
    error: "context deadline exceeded",
  },
  {
    name: "hangs up in the middle",
    listener: (_request, response) => {
      response.writeHead(200, { "content-type": TEXT, "content-length": "100" });
      response.write("a 1\n", () => response.destroy());
    },
    error: "",
  },
  {
    name: "sends too much",
    listener: textOf("a 1\n".repeat(1000)),
    config: { body_size_limit: "1KB" },
    error: "body_size_limit",
  },
  {
    name: "sends a bomb",
    listener: (_request, response) => {
      const headers = { "content-type": TEXT, "content-encoding": "gzip" };
      response.writeHead(200, headers).end(gzipSync(Buffer.alloc(1_000_000, "#")));
    },
    config: { body_size_limit: "10KB" },
    error: "body_size_limit",
  },
  {
    name: "sends broken gzip",
    listener: (_request, response) => {
      response.writeHead(200, { "content-type": TEXT, "content-encoding": "gzip" }).end("not gzip");
    },
    error: "incorrect header check",
  },
  {
    name: "redirects for ever",
    listener: (_request, response) => response.writeHead(302, { location: "/" }).end(),
    error: "redirects",
  },
  {
    name: "has too many samples",
    listener: textOf("a 1\nb 1\nc 1\n"),
    config: { sample_limit: 2 },
    error: "sample_limit",
  },
  {
    name: "has too many labels",
    listener: textOf('a{x="1",y="2"} 1\n'),
    config: { label_limit: 4 },
    error: "label_limit exceeded: 5 labels, limit 4",
  },
  {
    name: "has a label's value too long",
    listener: textOf(`a{x="${"ü".repeat(40)}"} 1\n`),
    config: { label_value_length_limit: 79 },
    error: "label_value_length_limit",
  },
];

test.each(badTargets)(
  "a target that $name costs its up, and nothing more",
  async ({ listener, config, error }) => {
    const bad = await serve(listener);
    const good = await serveTexts("a 1\n");
    const { sink, manager, meter } = start();
    manager.apply([job([bad, good], config)]);
    const up = (address: string): (number | "stale")[] => sink.valuesOf(`up{instance="${address}", job="j"}`);
    await eventually(
      () => up(bad).length >= 2 && up(good).length >= 2,
      () => sink.samples,
    );
    expect(new Set(up(bad))).toEqual(new Set([0]));
    expect(new Set(up(good))).toEqual(new Set([1]));
    expect(sink.valuesOf(`a{instance="${bad}", job="j"}`)).toEqual([]);
    const status = active(manager).find(({ labels }) => labels.get("instance") === bad);
    expect(status?.health).toBe("down");
    expect(status?.lastError).toContain(error);
    expect(meter.counts.get("binnacle_agent_scrapes_total{failed}")).toBeGreaterThan(0);
  },
);

test("nobody listens: up is 0, and what was there ends", async () => {
  let isBroken = false;
  const address = await serve((_request, response) => {
    if (isBroken) response.destroy();
    else response.setHeader("content-type", TEXT).end("a 1\n");
  });
  const { sink, manager } = start();
  manager.apply([job(address)]);
  const label = `instance="${address}", job="j"`;
  await eventually(
    () => sink.valuesOf(`a{${label}}`).length > 0,
    () => sink.samples,
  );
  isBroken = true;
  await eventually(
    () => sink.valuesOf(`up{${label}}`).includes(0),
    () => sink.samples,
  );
  expect(sink.valuesOf(`a{${label}}`).at(-1)).toBe("stale");
});

test("what is asked of a target: path, parameters, credentials, formats, compression", async () => {
  const seen: Record<string, unknown>[] = [];
  const address = await serve((request, response) => {
    const { authorization, accept } = request.headers;
    seen.push({ url: request.url, authorization, accept, extra: request.headers["x-extra"] });
    const compressed = { "content-type": TEXT, "content-encoding": "gzip" };
    response.writeHead(200, compressed).end(gzipSync("a 1\n"));
  });
  const directory = await mkdtemp(join(tmpdir(), "scrape-"));
  cleanups.push(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, "token"), "from-a-file\n");
  const { sink, manager } = start({ baseDir: directory });
  const config = {
    metrics_path: "/m",
    params: { p: ["1"] },
    authorization: { credentials_file: "token" },
    http_headers: { "X-Extra": { values: ["v"] } },
    scrape_protocols: ["OpenMetricsText1.0.0", "PrometheusText0.0.4"],
  };
  manager.apply([job(address, config)]);
  await eventually(
    () => sink.valuesOf(`a{instance="${address}", job="j"}`).length > 0,
    () => sink.samples,
  );
  expect(seen[0]).toEqual({
    url: "/m?p=1",
    authorization: "Bearer from-a-file",
    accept:
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
    extra: "v",
  });
});

test("a redirect to another host does not get the credentials", async () => {
  const seen: (string | undefined)[] = [];
  const other = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.setHeader("content-type", TEXT).end("a 1\n");
  });
  const address = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(307, { location: `http://${other}/elsewhere` }).end();
  });
  const { sink, manager } = start();
  manager.apply([job(address, { basic_auth: { username: "u", password: "p" } })]);
  await eventually(
    () => sink.valuesOf(`a{instance="${address}", job="j"}`).length > 0,
    () => sink.samples,
  );
  expect(seen.slice(0, 2)).toEqual([`Basic ${Buffer.from("u:p").toString("base64")}`, undefined]);
});

test.each([
  {
    honor_labels: false,
    series: 'a{exported_exported_job="y", exported_instance="x", exported_job="z", instance="@", job="j"}',
  },
  { honor_labels: true, series: 'a{exported_job="z", instance="x", job="y"}' },
])("labels in conflict, honor_labels $honor_labels", async ({ honor_labels, series }) => {
  const address = await serveTexts('a{instance="x",job="y",exported_job="z"} 1\n');
  const { sink, manager } = start();
  manager.apply([job(address, { honor_labels })]);
  const wanted = series.replace("@", address);
  await eventually(
    () => sink.samples.some(({ series: seen }) => seen === wanted),
    () => sink.samples,
  );
});

test("times of the target's own make rows of their own, unless they are not to be honoured", async () => {
  const address = await serveTexts("a 1 1700000000000\nb 1\nb 2\n");
  const honored = start();
  honored.manager.apply([job(address)]);
  const series = `a{instance="${address}", job="j"}`;
  await eventually(
    () => honored.sink.valuesOf(series).length > 0,
    () => honored.sink.samples,
  );
  const sample = honored.sink.samples.find((candidate) => candidate.series === series);
  expect(sample).toMatchObject({ timeMs: 1_700_000_000_000, group: `scrape/j/${address}/own` });
  expect(
    honored.meter.counts.get("binnacle_agent_scrape_samples_dropped_total{duplicate_series}"),
  ).toBeGreaterThan(0);

  const ignored = start();
  ignored.manager.apply([job(address, { honor_timestamps: false })]);
  await eventually(
    () => ignored.sink.valuesOf(series).length > 0,
    () => ignored.sink.samples,
  );
  expect(ignored.sink.samples.find((candidate) => candidate.series === series)?.timeMs).toBeGreaterThan(
    1_700_000_000_000,
  );
});

test("a sink that is busy is asked again; one that forgot a series is told it anew", async () => {
  const address = await serveTexts("a 1\n");
  const { sink, manager } = start();
  let refusals = 0;
  sink.refuse = () => {
    if (refusals++ > 0) return undefined;
    throw new BinnacleError("TOO_MANY_REQUESTS", "later");
  };
  manager.apply([job(address)]);
  const series = `a{instance="${address}", job="j"}`;
  await eventually(
    () => sink.valuesOf(series).length >= 2,
    () => sink.samples,
  );
  expect(refusals).toBeGreaterThan(1);
  sink.forget(Labels.fromObject({ __name__: "a", instance: address, job: "j" }));
  const count = sink.valuesOf(series).length;
  await eventually(
    () => sink.valuesOf(series).length > count,
    () => sink.samples,
  );
});

test("targets come from files too, and go with them", async () => {
  const address = await serveTexts("a 1\n");
  const directory = await mkdtemp(join(tmpdir(), "discovery-"));
  cleanups.push(() => rm(directory, { recursive: true }));
  const path = join(directory, "targets.json");
  const { sink, manager, meter } = start({ baseDir: directory });
  const config = { static_configs: [], file_sd_configs: [{ files: ["*.json"], refresh_interval: "100ms" }] };
  manager.apply([job([], config)]);
  await writeFile(path, JSON.stringify([{ targets: [address], labels: { team: "a" } }]));
  const up = `up{instance="${address}", job="j", team="a"}`;
  await eventually(
    () => sink.valuesOf(up).includes(1),
    () => sink.samples,
  );
  expect(active(manager)[0]?.discoveredLabels.get("__meta_filepath")).toBe(path);
  await writeFile(path, "{ broken");
  await eventually(
    () => (meter.counts.get("binnacle_agent_discovery_errors_total") ?? 0) > 0,
    () => meter.counts,
  );
  expect(active(manager)).toHaveLength(1);
  await rm(path);
  await eventually(
    () => sink.valuesOf(up).at(-1) === "stale",
    () => sink.samples,
  );
});

test("target_limit refuses the whole job, and dropped targets are shown", async () => {
  const { manager } = start();
  manager.apply([job(["a:1", "b:1", "c:1"], { target_limit: 2 })]);
  await eventually(
    () => manager.targets().length === 3,
    () => manager.targets(),
  );
  expect(manager.targets()[0]).toMatchObject({
    state: "dropped",
    reason: "target_limit exceeded: 3 targets, limit 2",
  });
});

test("a collector inside the process is a target like any other", async () => {
  const { sink, manager } = start();
  let isBroken = false;
  manager.addCollector({
    job: "self",
    instance: "me",
    intervalMs: 100,
    collect: () =>
      isBroken
        ? Promise.reject(new Error("no luck"))
        : Promise.resolve([
            { name: "m", type: "gauge", help: "h", samples: [{ labels: ["x", "1"], value: 7 }] },
          ]),
  });
  await eventually(
    () => sink.valuesOf('m{instance="me", job="self", x="1"}').includes(7),
    () => sink.samples,
  );
  isBroken = true;
  await eventually(
    () => sink.valuesOf('up{instance="me", job="self"}').includes(0),
    () => sink.samples,
  );
  expect(sink.valuesOf('m{instance="me", job="self", x="1"}').at(-1)).toBe("stale");
  expect(active(manager)[0]).toMatchObject({ scrapePool: "self", health: "down", lastError: "no luck" });
});

test("what is repeated is stored as what is not: series that come, go, fail and come again", async () => {
  const texts = [
    "a 1\nb 2\n",
    "a 3\nb 4\n",
    "a 5\nb NaN\n",
    "a 6\n",
    "a 7\n",
    "nonsense{\n",
    "a 8\nb 9\n",
    "a 10\nb 11\n",
    "a 12\nb 13\nc 14\n",
  ];
  let served = 0;
  const address = await serve((_request, response) => {
    response.setHeader("content-type", TEXT);
    response.end(texts[Math.min(served++, texts.length - 1)]);
  });
  const { sink, manager } = start();
  manager.apply([job(address)]);
  const label = `instance="${address}", job="j"`;
  await eventually(
    () => sink.valuesOf(`c{${label}}`).length >= 2,
    () => sink.samples,
  );
  expect(sink.valuesOf(`a{${label}}`).slice(0, 10)).toEqual([1, 3, 5, 6, 7, "stale", 8, 10, 12, 12]);
  expect(sink.valuesOf(`b{${label}}`).slice(0, 8)).toEqual([2, 4, Number.NaN, "stale", 9, 11, 13, 13]);
  expect(sink.valuesOf(`scrape_series_added{${label}}`).slice(0, 9)).toEqual([2, 0, 0, 0, 0, 0, 2, 0, 1]);
  expect(sink.valuesOf(`scrape_samples_scraped{${label}}`).slice(0, 9)).toEqual([2, 2, 2, 1, 1, 0, 2, 2, 3]);
});

test.each([
  ["whose authority is not known", {}, "down", /self-signed/],
  ["whose authority is given", { tls_config: { ca: TEST_CERTIFICATE } }, "up", /^$/],
  ["that is not looked at", { tls_config: { insecure_skip_verify: true } }, "up", /^$/],
  [
    "of another name",
    { tls_config: { ca: TEST_CERTIFICATE, server_name: "other.example" } },
    "down",
    /other\.example/,
  ],
])("over TLS, a certificate %s", async (_name, more, health, error) => {
  const text = "a 1\n".padEnd(100_000, "# many lines\n");
  const server = https.createServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, (_request, response) => {
    response.setHeader("content-type", TEXT);
    response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { sink, manager } = start();
  manager.apply([job(address, { scheme: "https", scrape_interval: "1s", scrape_timeout: "1s", ...more })]);
  await eventually(
    () => sink.valuesOf(`up{instance="${address}", job="j"}`).length > 0,
    () => active(manager),
  );
  expect(active(manager)[0]!.lastError).toMatch(error);
  expect(active(manager)[0]!.health).toBe(health);
  expect(sink.valuesOf(`a{instance="${address}", job="j"}`).slice(0, 1)).toEqual(health === "up" ? [1] : []);
});
