/**
 * A line that a pod writes is seen by a live tail moments later, also over a rotation, and after a restart
 * once.
 */
import fs from "node:fs";
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
async function tail(query: string): Promise<{ lines: string[]; frames: TailFrame[]; socket: WebSocket }> {
  const url = `${binnacle.url.replace("http", "ws")}/loki/api/v1/tail?query=${encodeURIComponent(query)}`;
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
