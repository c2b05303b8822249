/**
 * Forwarding to a real HTTP server: what arrives, in which order, and what becomes of it when the server will
 * not.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isStaleAt, Labels, setStaleAt, wordsOf } from "@binnacle/model";
import { LokiDecoder, WriteRequestDecoder } from "@binnacle/wire";
import { afterEach, expect, test } from "vitest";
import { eventually, RecordingLogger, RecordingMeter } from "../testing/recorders.ts";
import { LogForwarder } from "./log-forwarder.ts";
import { MetricForwarder, type ForwarderOptions } from "./metric-forwarder.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface Reply {
  readonly status: number;
  readonly headers?: Record<string, string>;
}

interface Post {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** `series value@time` of remote write, `stream|line` of Loki's push. */
  readonly content: string[];
}

/** Takes what is pushed and answers as told. */
async function serve(answer: (post: Post) => Reply) {
  const posts: Post[] = [];
  const metrics = new WriteRequestDecoder();
  const logs = new LokiDecoder();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const url = request.url ?? "";
      const content = url.startsWith("/loki") ? lines(logs.decode(body)) : samples(metrics.decode(body));
      const post = { url, headers: request.headers, content };
      const { status, headers } = answer(post);
      if (status < 300) posts.push(post);
      response.writeHead(status, headers).end("because");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, posts };
}

function samples(request: ReturnType<WriteRequestDecoder["decode"]>): string[] {
  const words = wordsOf(request.sampleValues);
  const found: string[] = [];
  request.labels.forEach((labels, series) => {
    for (let i = request.sampleOffsets[series]!; i < request.sampleOffsets[series + 1]!; i++) {
      const value = isStaleAt(words, i) ? "stale" : request.sampleValues[i];
      found.push(`${labels.toString()} ${value}@${request.sampleTimes[i]}`);
    }
  });
  for (const { metric, type } of request.metadata) found.push(`${metric} is a ${type}`);
  return found;
}

function lines(push: ReturnType<LokiDecoder["decode"]>): string[] {
  return push.streams.flatMap(({ labels, lines: texts, metadata }) =>
    texts.map(
      (line, i) => `${labels.toString()}|${Buffer.from(line).toString()}|${metadata?.[i]?.join("=") ?? ""}`,
    ),
  );
}

async function setUp(url: string, more: Partial<ForwarderOptions> = {}) {
  const directory = await mkdtemp(join(tmpdir(), "forward-"));
  cleanups.push(() => rm(directory, { recursive: true }));
  const meter = new RecordingMeter();
  const options = { url, directory, meter, logger: new RecordingLogger(), retryWaitMs: 5, ...more };
  const metricForwarder = (): MetricForwarder => started(new MetricForwarder(options));
  const logForwarder = (): LogForwarder => started(new LogForwarder(options));
  return { meter, metricForwarder, logForwarder };
}

function started<T extends { start(): void; stop(): Promise<void> }>(forwarder: T): T {
  forwarder.start();
  let isStopped = false;
  const stop = forwarder.stop.bind(forwarder);
  forwarder.stop = async () => {
    if (!isStopped) await stop();
    isStopped = true;
  };
  cleanups.push(() => forwarder.stop());
  return forwarder;
}

async function append(forwarder: MetricForwarder, timeMs: number, values: Record<string, number>) {
  const names = Object.keys(values);
  const series = names.map((name) => forwarder.series(Labels.fromObject({ __name__: name, job: "j" })));
  const row = {
    group: "scrape/j/i",
    timeMs,
    series: Uint32Array.from(series),
    values: Float64Array.from(Object.values(values)),
  };
  return forwarder.append([row]);
}

function entries(...texts: string[]) {
  return [
    {
      labels: Labels.fromObject({ job: "a/b" }),
      timesNs: BigInt64Array.from(texts, (_, i) => 1_000_000_000n + BigInt(i)),
      lines: texts.map((text) => Buffer.from(text)),
      metadata: texts.map(() => ["uid", "u"]),
    },
  ];
}

test("samples arrive by remote write, stale markers and metadata with them", async () => {
  const { url, posts } = await serve(() => ({ status: 204 }));
  const { metricForwarder } = await setUp(url, { headers: { authorization: "Bearer t" } });
  const forwarder = metricForwarder();
  forwarder.describe([{ metric: "a", type: "counter", help: "h", unit: "" }]);
  expect(await append(forwarder, 1_000, { a: 1, b: 2.5 })).toMatchObject({ appended: 2, rejected: 0 });
  const series = Uint32Array.of(forwarder.series(Labels.fromObject({ __name__: "a", job: "j" })));
  const values = new Float64Array(1);
  setStaleAt(wordsOf(values), 0);
  await forwarder.append([{ group: "g", timeMs: 2_000, series, values }]);
  const arrived = (): string[] => posts.flatMap(({ content }) => content);
  await eventually(() => arrived().length === 4, arrived);
  expect(arrived().toSorted()).toEqual(
    ['a{job="j"} 1@1000', 'a{job="j"} stale@2000', "a is a counter", 'b{job="j"} 2.5@1000'].toSorted(),
  );
  expect(posts[0]).toMatchObject({ url: "/api/v1/write" });
  expect(posts[0]!.headers).toMatchObject({
    "content-type": "application/x-protobuf",
    "content-encoding": "snappy",
    "x-prometheus-remote-write-version": "0.1.0",
    authorization: "Bearer t",
  });
});

test("a series nobody numbered is rejected, and its neighbours are kept", async () => {
  const { url, posts } = await serve(() => ({ status: 204 }));
  const forwarder = (await setUp(url)).metricForwarder();
  const known = forwarder.series(Labels.fromObject({ __name__: "a" }));
  const row = { group: "g", timeMs: 1, series: Uint32Array.of(known, 99), values: Float64Array.of(1, 2) };
  expect(await forwarder.append([row])).toMatchObject({ appended: 1, rejected: 1, unknownSeries: [99] });
  await eventually(
    () => posts.length === 1,
    () => posts,
  );
});

test("a server that is away or busy gets everything later, in order, across a restart of the agent", async () => {
  let isAway = true;
  const { url, posts } = await serve(() => ({ status: isAway ? 503 : 200 }));
  const { metricForwarder, meter } = await setUp(url);
  const first = metricForwarder();
  for (let i = 0; i < 5; i++) await append(first, i, { a: i });
  const retried = "binnacle_agent_forward_metrics_requests_total{retried}";
  await eventually(
    () => (meter.counts.get(retried) ?? 0) >= 2,
    () => [...meter.counts],
  );
  await first.stop();
  const second = metricForwarder();
  await append(second, 5, { a: 5 });
  isAway = false;
  const arrived = (): string[] => posts.flatMap(({ content }) => content);
  await eventually(() => arrived().length >= 6, arrived);
  expect(arrived()).toEqual([0, 1, 2, 3, 4, 5].map((i) => `a{job="j"} ${i}@${i}`));
  await eventually(
    () => second.queueBytes === 0,
    () => second.queueBytes,
  );
});

test.each([400, 413])("of what is refused with %d only the bad part is dropped", async (status) => {
  const { url, posts } = await serve(({ content }) => ({
    status: content.some((sample) => sample.startsWith("bad")) ? status : 200,
  }));
  const { metricForwarder, meter } = await setUp(url);
  const forwarder = metricForwarder();
  await append(forwarder, 1, { a: 1, b: 2, bad: 3, c: 4, d: 5 });
  await append(forwarder, 2, { a: 6 });
  const arrived = (): string[] => posts.flatMap(({ content }) => content);
  await eventually(() => arrived().length === 5, arrived);
  expect(arrived().join()).not.toContain("bad");
  expect(meter.counts.get("binnacle_agent_forward_metrics_dropped_total{refused}")).toBe(1);
});

test.each([401, 403, 404, 429])("%d is a mistake that people mend: nothing is dropped", async (status) => {
  let isMended = false;
  const { url, posts } = await serve(() => ({ status: isMended ? 200 : status }));
  const { metricForwarder, meter } = await setUp(url);
  await append(metricForwarder(), 1, { a: 1 });
  const retried = "binnacle_agent_forward_metrics_requests_total{retried}";
  await eventually(
    () => (meter.counts.get(retried) ?? 0) >= 2,
    () => [...meter.counts],
  );
  isMended = true;
  await eventually(
    () => posts.length === 1,
    () => posts,
  );
});

test("lines arrive by Loki's push, with their metadata", async () => {
  const { url, posts } = await serve(() => ({ status: 204 }));
  const forwarder = (await setUp(url)).logForwarder();
  expect(await forwarder.append(entries("one", "two"))).toMatchObject({ appended: 2, rejected: 0 });
  await eventually(
    () => posts.length === 1,
    () => posts,
  );
  expect(posts[0]).toMatchObject({
    url: "/loki/api/v1/push",
    content: ['{job="a/b"}|one|uid=u', '{job="a/b"}|two|uid=u'],
  });
});

test("a bad line is dropped alone; where the server kept the rest, nothing is sent twice", async () => {
  const plain = await serve(({ content }) => ({
    status: content.some((line) => line.includes("bad")) ? 400 : 204,
  }));
  const one = await setUp(plain.url);
  await one.logForwarder().append(entries("a", "b", "bad", "c"));
  const arrived = (): string[] => plain.posts.flatMap(({ content }) => content);
  await eventually(() => arrived().length === 3, arrived);
  expect(one.meter.counts.get("binnacle_agent_forward_logs_dropped_total{refused}")).toBe(1);

  let requests = 0;
  const binnacle = await serve(() => {
    requests++;
    return { status: 400, headers: { "x-binnacle-rejected": "1" } };
  });
  const other = await setUp(binnacle.url);
  const forwarder = other.logForwarder();
  await forwarder.append(entries("a", "bad"));
  await eventually(
    () => forwarder.queueBytes === 0,
    () => forwarder.queueBytes,
  );
  expect(requests).toBe(1);
  expect(other.meter.counts.get("binnacle_agent_forward_logs_dropped_total{rejected}")).toBe(1);
});

test("a batch larger than a request goes in several", async () => {
  const { url, posts } = await serve(() => ({ status: 204 }));
  const forwarder = (await setUp(url)).logForwarder();
  const texts = Array.from({ length: 40 }, (_, i) => `${i} ${"x".repeat(50_000)}`);
  await forwarder.append(entries(...texts));
  const arrived = (): string[] => posts.flatMap(({ content }) => content);
  await eventually(
    () => arrived().length === 40,
    () => arrived().length,
  );
  expect(posts.length).toBeGreaterThan(1);
  expect(arrived().map((line) => line.split(/[| ]/)[1])).toEqual(texts.map((text) => text.split(" ")[0]));
});
