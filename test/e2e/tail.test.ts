/**
 * A line that a pod writes is seen by a live tail moments later, also over a rotation, and after a restart
 * once.
 */
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { logql } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { nowNs, postLoki } from "../support/loki-push.ts";
import { temporaryDir, waitFor } from "../support/process.ts";

const podLogs = temporaryDir();
const dataDir = temporaryDir();
const log = path.join(podLogs, "shop_cart-1_0f3c1d2e-aaaa-bbbb-cccc-000000000001", "main", "0.log");
let binnacle: RunningBinnacle;

const CONFIG = `binnacle:
  host: {enabled: false}
  self_scrape: {enabled: false}
  log_sources: {own: false, container_logs: "", docker_logs: "", files: []}
`;

const start = () => startBinnacle({ dataDir, config: CONFIG, flags: ["--pod-logs", podLogs] });

beforeAll(async () => {
  fs.mkdirSync(path.dirname(log), { recursive: true });
  fs.writeFileSync(log, "");
  binnacle = await start();
});
afterAll(async () => {
  await binnacle?.stop();
  fs.rmSync(podLogs, { recursive: true, force: true });
  fs.rmSync(dataDir, { recursive: true, force: true });
});

function write(text: string): void {
  fs.appendFileSync(log, `${new Date().toISOString()} stdout F ${text}\n`);
}

interface TailFrame {
  readonly streams: readonly { stream: Record<string, string>; values: readonly [string, string][] }[];
}

/** A tail whose lines are collected; resolves once it is open. */
async function tail(
  query: string,
  params: Readonly<Record<string, string>> = {},
): Promise<{ lines: string[]; frames: TailFrame[]; socket: WebSocket }> {
  const search = new URLSearchParams({ query, ...params }).toString();
  const url = `${binnacle.url.replace("http", "ws")}/loki/api/v1/tail?${search}`;
  const socket = new WebSocket(url);
  const lines: string[] = [];
  const frames: TailFrame[] = [];
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(String(data)) as TailFrame;
    frames.push(frame);
    for (const { values } of frame.streams) lines.push(...values.map(([, line]) => line));
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error(`no websocket at ${url}`)));
  });
  return { lines, frames, socket };
}

test("a pod's line reaches a live tail, with its labels, and only if it matches", async () => {
  const { lines, frames, socket } = await tail('{namespace="shop"} |= "paid"');
  write("order 1 paid");
  write("order 2 refused");
  write("order 3 paid");
  await waitFor(() => lines.length >= 2, { what: "two lines" });
  expect(lines).toEqual(["order 1 paid", "order 3 paid"]);
  expect(frames[0]!.streams[0]!.stream).toMatchObject({
    namespace: "shop",
    pod: "cart-1",
    container: "main",
  });
  socket.close();
});

test("a pushed line reaches it too", async () => {
  const { lines, socket } = await tail('{job="pushed"}');
  expect(
    (await postLoki(binnacle.url, [{ stream: { job: "pushed" }, values: [[nowNs(), "hello"]] }])).status,
  ).toBe(204);
  await waitFor(() => lines.length > 0, { what: "the pushed line" });
  expect(lines).toEqual(["hello"]);
  socket.close();
});

test("a pushed line is with its client in well under a second, with its level as in queries", async () => {
  const { lines, frames, socket } = await tail('{job="quick"} | detected_level="error"');
  const delaysMs: number[] = [];
  for (let i = 0; i < 20; i++) {
    const startMs = performance.now();
    await postLoki(binnacle.url, [
      {
        stream: { job: "quick" },
        values: [
          [nowNs(), `level=info no ${i}`],
          [nowNs(), `level=error ${i}`],
        ],
      },
    ]);
    await waitFor(() => lines.length > i, { what: `line ${i}` });
    delaysMs.push(performance.now() - startMs);
  }
  expect(lines).toEqual(Array.from({ length: 20 }, (_, i) => `level=error ${i}`));
  expect(frames[0]!.streams[0]!.stream).toMatchObject({ detected_level: "error" });
  delaysMs.sort((a, b) => a - b);
  expect(delaysMs[10]!).toBeLessThan(500);
  socket.close();
});

test("a tail that names a start begins with what there is since then, each line once", async () => {
  const startNs = nowNs();
  for (const line of ["past 0", "past 1", "past 2", "past 3", "past 4"]) {
    await postLoki(binnacle.url, [{ stream: { job: "past" }, values: [[nowNs(), line]] }]);
  }
  const { lines, socket } = await tail('{job="past"}', { start: startNs, limit: "3" });
  await waitFor(() => lines.length > 0, { what: "the past" });
  await postLoki(binnacle.url, [{ stream: { job: "past" }, values: [[nowNs(), "now"]] }]);
  await waitFor(() => lines.includes("now"), { what: "the newest line" });
  expect(lines).toEqual(["past 2", "past 3", "past 4", "now"]);
  socket.close();
  const fromAnHourAgo = await tail('{job="past"}');
  await waitFor(() => fromAnHourAgo.lines.length === 6, {
    what: "the past, as Loki's tail gives it unasked",
  });
  fromAnHourAgo.socket.close();
  const noPast = await tail('{job="past"}', { limit: "0" });
  await postLoki(binnacle.url, [{ stream: { job: "past" }, values: [[nowNs(), "newer"]] }]);
  await waitFor(() => noPast.lines.length > 0, { what: "the newest line alone" });
  expect(noPast.lines).toEqual(["newer"]);
  noPast.socket.close();
});

test("a client that does not read holds up nobody, and is told what it lost", async () => {
  const slow = await openRaw('{job="flood"}');
  slow.socket.pause();
  const { lines, socket } = await tail('{job="flood"} |= "last"');
  const text = "x".repeat(2000);
  let slowestMs = 0;
  for (let batch = 0; batch < 40; batch++) {
    const values = Array.from({ length: 500 }, (_, i): [string, string] => [
      nowNs(),
      `${batch} ${i} ${text}`,
    ]);
    const startMs = performance.now();
    expect((await postLoki(binnacle.url, [{ stream: { job: "flood" }, values }])).status).toBe(204);
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
  }
  await postLoki(binnacle.url, [{ stream: { job: "flood" }, values: [[nowNs(), "last"]] }]);
  await waitFor(() => lines.length > 0, { what: "the line at the other client" });
  expect(slowestMs).toBeLessThan(5000);
  slow.socket.resume();
  await waitFor(() => slow.text().includes('"dropped_count":'), { what: "word of what was dropped" });
  const dropped = Number(/"dropped_count":(\d+)/.exec(slow.text())![1]);
  expect(dropped).toBeGreaterThan(10_000);
  expect(slow.text()).toContain('"dropped_entries":[{"labels":{');
  const metrics = await (await fetch(`${binnacle.url}/metrics`)).text();
  expect(Number(/^binnacle_tail_dropped_lines_total (\d+)/m.exec(metrics)![1])).toBeGreaterThanOrEqual(
    dropped,
  );
  slow.socket.destroy();
  socket.close();
});

/** A websocket by hand: one that can stop reading. */
async function openRaw(query: string): Promise<{ socket: net.Socket; text: () => string }> {
  const { hostname, port } = new URL(binnacle.url);
  const socket = net.connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.write(
    `GET /loki/api/v1/tail?query=${encodeURIComponent(query)} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n` +
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  const text = (): string => Buffer.concat(chunks).toString("latin1");
  await waitFor(() => text().includes("101 Switching"), { what: "the websocket" });
  return { socket, text };
}

test("a query that cannot be parsed closes the socket, with the reason", async () => {
  const socket = new WebSocket(
    `${binnacle.url.replace("http", "ws")}/loki/api/v1/tail?query=${encodeURIComponent("{")}`,
  );
  const close = await new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
  expect(close.code).toBe(1008);
  expect(close.reason).not.toBe("");
});

test("rotation by rename loses nothing, and a restart repeats nothing", async () => {
  const wanted: string[] = [];
  const writeWanted = (text: string): void => {
    write(text);
    wanted.push(text);
  };
  for (let i = 0; i < 50; i++) writeWanted(`before ${i}`);
  fs.renameSync(log, `${log}.20260101-000000`);
  fs.writeFileSync(log, "");
  for (let i = 0; i < 50; i++) writeWanted(`after ${i}`);
  const query = '{namespace="shop"} |~ "(before|after|stopped|again) [0-9]+"';
  const read = async (): Promise<string[]> => {
    const streams = await logql(binnacle.url, query, { limit: "1000", direction: "forward" });
    return streams.flatMap(({ values }) => values.map(([, line]) => line));
  };
  await waitFor(async () => (await read()).length >= wanted.length, { what: "all lines" });
  expect(await binnacle.stop()).toBe(0);
  for (let i = 0; i < 50; i++) writeWanted(`stopped ${i}`);
  binnacle = await start();
  writeWanted("again 1");
  await waitFor(async () => (await read()).length >= wanted.length, { what: "all lines after the restart" });
  expect((await read()).sort()).toEqual(wanted.sort());
});
