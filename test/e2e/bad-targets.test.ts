/** A target that misbehaves costs itself its `up`, and nobody else anything. */
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, promql, scalar } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { exposition, startServer, type Handler, type TestServer } from "../support/http-server.ts";
import { freePort, waitFor } from "../support/process.ts";

const BAD: Readonly<Record<string, Handler>> = {
  html: (_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><html><body>It works!</body></html>");
  },
  garbage: (_request, response) => {
    response.setHeader("content-type", "text/plain");
    response.end(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a, 0x7b]));
  },
  "status-500": (_request, response) => {
    response.statusCode = 500;
    response.end("oh no");
  },
  redirects: (request, response) => {
    response.writeHead(302, { location: `${request.url}?again` });
    response.end();
  },
  "slow-head": () => undefined,
  "slow-body": (_request, response) => {
    response.setHeader("content-type", "text/plain");
    response.write("a 1\n");
  },
  endless: (_request, response) => {
    response.setHeader("content-type", "text/plain");
    const line = `a{x="${"y".repeat(1000)}"} 1\n`.repeat(64);
    const more = (): void => {
      while (!response.destroyed && response.write(line));
    };
    response.on("drain", more);
    more();
  },
  "cut-off": (_request, response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": "1000" });
    response.write("a 1\n", () => response.destroy());
  },
  "not-gzip": (_request, response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" });
    response.end("a 1\n");
  },
  "large-gzip": (_request, response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" });
    response.end(BOMB);
  },
};
/** 256 MiB of one line's text in some 256 KiB. */
const BOMB = gzipSync(Buffer.alloc(256 * 1024 * 1024, "a"), { level: 9 });

const servers: TestServer[] = [];
let binnacle: RunningBinnacle;

beforeAll(async () => {
  const jobs: string[] = [];
  const add = (name: string, address: string): void => {
    jobs.push(`  - {job_name: ${name}, body_size_limit: 10MB, static_configs: [{targets: ["${address}"]}]}`);
  };
  for (const [name, handler] of Object.entries(BAD)) {
    const server = await startServer(handler);
    servers.push(server);
    add(name, server.address);
  }
  add("refused", `127.0.0.1:${await freePort()}`);
  const good = await startServer(exposition(() => "good 1\n"));
  servers.push(good);
  add("good", good.address);
  const config = `global: {scrape_interval: 1s, scrape_timeout: 800ms}
scrape_configs:
${jobs.join("\n")}
binnacle: {host: {enabled: false}}
`;
  binnacle = await startBinnacle({ config });
});

afterAll(async () => {
  await binnacle?.stop();
  for (const server of servers) await server.close();
});

test.each([...Object.keys(BAD), "refused"])("%s costs that target its up", async (name) => {
  await waitFor(async () => (await scalar(binnacle.url, `up{job="${name}"}`)) === 0, {
    what: `up of ${name}`,
  });
  const targets = await ask<{ activeTargets: { scrapePool: string; health: string; lastError: string }[] }>(
    `${binnacle.url}/api/v1/targets`,
  );
  const target = targets.activeTargets.find(({ scrapePool }) => scrapePool === name);
  expect(target).toMatchObject({ health: "down" });
  expect(target!.lastError).not.toBe("");
});

test("the good target beside them is scraped every time", async () => {
  await waitFor(async () => ((await scalar(binnacle.url, "count_over_time(good[1m])")) ?? 0) >= 5, {
    what: "five samples",
  });
  expect(await scalar(binnacle.url, 'min_over_time(up{job="good"}[1m])')).toBe(1);
});

test("nothing of a body that was not read to its end is stored", async () => {
  expect(await promql(binnacle.url, '{__name__="a"}')).toEqual([]);
});
