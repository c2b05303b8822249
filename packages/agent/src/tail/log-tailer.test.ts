/** Following real files: containers, rotation, truncation, restarts, and a sink that cannot or will not. */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BinnacleError } from "@binnacle/model";
import { afterEach, expect, test } from "vitest";
import { LOG_LINE_BYTES_MAX } from "../limits.ts";
import { eventually, RecordingLogger, RecordingLogSink, RecordingMeter } from "../testing/recorders.ts";
import { LogTailer, type LogTailerOptions } from "./log-tailer.ts";
import type { TailSource } from "./tail-source.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function bench(sources: (directory: string) => TailSource[]) {
  const directory = await mkdtemp(join(tmpdir(), "tail-"));
  cleanups.push(() => rm(directory, { recursive: true }));
  const sink = new RecordingLogSink();
  const meter = new RecordingMeter();
  const logger = new RecordingLogger();
  const start = (more: Partial<LogTailerOptions> = {}): LogTailer => {
    const tailer = new LogTailer({
      sources: sources(directory),
      sink,
      checkpointDir: join(directory, "checkpoints"),
      logger,
      meter,
      lookIntervalMs: 20,
      readIntervalMs: 10,
      graceMs: 150,
      retryWaitMs: 5,
      ...more,
    });
    tailer.start();
    let isStopped = false;
    const stop = tailer.stop.bind(tailer);
    tailer.stop = async () => {
      if (!isStopped) await stop();
      isStopped = true;
    };
    cleanups.push(() => tailer.stop());
    return tailer;
  };
  return { directory, sink, meter, logger, start };
}

const plainFiles = (directory: string): TailSource[] => [
  { kind: "files", paths: [join(directory, "*.log")], job: "varlogs", labels: { host: "h" } },
];

const T = "2024-01-02T03:04:05.000000006Z";

test("pods' logs carry what their path says", async () => {
  const { directory, sink, start } = await bench((root) => [{ kind: "pods", directory: join(root, "pods") }]);
  const folder = join(directory, "pods", "shop_cart-0_1b2c", "app");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "0.log");
  writeFileSync(path, `${T} stdout F one\n${T} stderr F two\n`);
  writeFileSync(join(folder, "notes.txt"), "not a log\n");
  start();
  await eventually(
    () => sink.lines.length === 2,
    () => sink.lines,
  );
  const labels = `container="app", filename="${path}", job="shop/app", namespace="shop", pod="cart-0"`;
  expect(sink.lines).toEqual([
    {
      labels: `{${labels}, stream="stdout"}`,
      timeNs: 1_704_164_645_000_000_006n,
      line: "one",
      metadata: ["uid", "1b2c"],
    },
    {
      labels: `{${labels}, stream="stderr"}`,
      timeNs: 1_704_164_645_000_000_006n,
      line: "two",
      metadata: ["uid", "1b2c"],
    },
  ]);
});

test("the older folder of links is read only where there is no folder of pods", async () => {
  const { directory, sink, start } = await bench((root) => [
    { kind: "containers", directory: join(root, "containers"), unless: join(root, "none") },
    { kind: "containers", directory: join(root, "containers"), unless: root },
  ]);
  mkdirSync(join(directory, "containers"));
  writeFileSync(join(directory, "containers", `cart_shop_app-${"0".repeat(64)}.log`), `${T} stdout F one\n`);
  start();
  await eventually(
    () => sink.lines.length === 1,
    () => sink.lines,
  );
  expect(sink.lines[0]!.labels).toContain('container="app"');
  expect(sink.lines[0]!.labels).toContain('namespace="shop", pod="cart"');
});

test("Docker's logs are named by what stands beside them", async () => {
  const { directory, sink, start } = await bench((root) => [
    { kind: "docker", directory: join(root, "docker") },
  ]);
  const id = "ab".repeat(32);
  mkdirSync(join(directory, "docker", id), { recursive: true });
  const config = { Name: "/web", Config: { Labels: { "com.docker.compose.service": "front" } } };
  writeFileSync(join(directory, "docker", id, "config.v2.json"), JSON.stringify(config));
  const path = join(directory, "docker", id, `${id}-json.log`);
  writeFileSync(path, `${JSON.stringify({ log: "hi\n", stream: "stdout", time: T })}\n`);
  start();
  await eventually(
    () => sink.lines.length === 1,
    () => sink.lines,
  );
  expect(sink.lines[0]).toMatchObject({
    labels: `{compose_service="front", container="web", filename="${path}", job="docker", stream="stdout"}`,
    line: "hi",
    metadata: ["container_id", id],
  });
});

test("rename rotation: the old file to its end, also what comes late, and the new one", async () => {
  const { directory, sink, start } = await bench(plainFiles);
  const path = join(directory, "a.log");
  writeFileSync(path, "one\n");
  const tailer = start();
  await eventually(
    () => sink.texts.length === 1,
    () => sink.texts,
  );
  appendFileSync(path, "two\n");
  renameSync(path, `${path}.1`);
  writeFileSync(path, "new\n");
  appendFileSync(`${path}.1`, "late\n");
  await eventually(
    () => sink.texts.length === 4,
    () => sink.texts,
  );
  expect(sink.texts.toSorted()).toEqual(["late", "new", "one", "two"]);
  // Held for the grace time, then closed.
  await eventually(
    () => tailer.status().length === 1,
    () => tailer.status(),
  );
  expect(tailer.status()[0]).toMatchObject({ path, isDraining: false, offset: 4, size: 4 });
});

test("several rotations between two looks lose nothing, while the sink is away", async () => {
  const { directory, sink, start } = await bench(plainFiles);
  const path = join(directory, "a.log");
  writeFileSync(path, "line 0\n");
  sink.refuse = () => {
    throw new BinnacleError("UNAVAILABLE", "away");
  };
  start();
  await new Promise((resolve) => setTimeout(resolve, 60));
  for (let i = 1; i <= 5; i++) {
    for (let old = i - 1; old >= 1; old--) renameSync(`${path}.${old}`, `${path}.${old + 1}`);
    renameSync(path, `${path}.1`);
    writeFileSync(path, `line ${i}\n`);
    if (i === 3) await new Promise((resolve) => setTimeout(resolve, 60));
  }
  sink.refuse = undefined;
  await eventually(
    () => sink.texts.length >= 6,
    () => sink.texts,
  );
  expect(sink.texts).toEqual([0, 1, 2, 3, 4, 5].map((i) => `line ${i}`));
});

test("a restart goes on where the last line was stored, through a rotation and in the middle of a line", async () => {
  const { directory, sink, start } = await bench(plainFiles);
  const path = join(directory, "a.log");
  writeFileSync(path, "one\ntw");
  const first = start({ graceMs: 60_000 });
  await eventually(
    () => sink.texts.length === 1,
    () => sink.texts,
  );
  await first.stop();
  appendFileSync(path, "o\nthree\n");
  renameSync(path, `${path}.1`);
  writeFileSync(path, "four\n");
  const second = start();
  await eventually(
    () => sink.texts.length === 4,
    () => sink.texts,
  );
  await second.stop();
  start();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sink.texts).toEqual(["one", "two", "three", "four"]);
});

test("what was packed while nobody looked is read from where it was left, and once", async () => {
  const { directory, sink, meter, start } = await bench(plainFiles);
  const path = join(directory, "app.log");
  const old = join(directory, "app.log.9.gz");
  writeFileSync(old, gzipSync("history\n"));
  utimesSync(old, new Date(0), new Date(0));
  writeFileSync(path, "one\ntwo\n");
  const first = start();
  const lines = (count: number): Promise<void> =>
    eventually(
      () => sink.texts.length >= count,
      () => sink.texts,
    );
  await lines(2);
  await first.stop();
  appendFileSync(path, "three\n");
  // As logrotate does it: the packed file has the time of the last change.
  writeFileSync(join(directory, "app.log.2.gz"), gzipSync(readFileSync(path)));
  rmSync(path);
  writeFileSync(join(directory, "app.log.1.gz"), gzipSync("four\nfive\n"));
  writeFileSync(join(directory, "app.log.3.gz"), "no gzip");
  writeFileSync(path, "six\n");
  const second = start();
  await lines(6);
  expect(sink.texts).toEqual(["one", "two", "three", "four", "five", "six"]);
  const isRefused = (): boolean => [...meter.counts.keys()].some((key) => key.endsWith("{damaged_gzip}"));
  await eventually(isRefused, () => [...meter.counts.keys()]);
  await second.stop();
  const third = start();
  appendFileSync(path, "seven\n");
  await lines(7);
  expect(sink.texts.slice(6)).toEqual(["seven"]);
  await third.stop();
});

test("lines that were not stored are read again after a restart", async () => {
  const { directory, sink, start } = await bench(plainFiles);
  writeFileSync(join(directory, "a.log"), "one\n");
  let tries = 0;
  sink.refuse = () => {
    tries++;
    throw new BinnacleError("TOO_MANY_REQUESTS", "later");
  };
  const first = start();
  await eventually(
    () => tries >= 3,
    () => tries,
  );
  await first.stop();
  sink.refuse = undefined;
  start();
  await eventually(
    () => sink.texts.length === 1,
    () => sink.texts,
  );
});

test("another file under the same inode number is read from its start", async () => {
  const { directory, sink, start } = await bench(plainFiles);
  const path = join(directory, "a.log");
  writeFileSync(path, "first file\n");
  const first = start();
  await eventually(
    () => sink.texts.length === 1,
    () => sink.texts,
  );
  await first.stop();
  // The content is replaced in place: the inode stays, and nothing else.
  writeFileSync(path, "second file, and longer\n");
  start();
  await eventually(
    () => sink.texts.length === 2,
    () => sink.texts,
  );
  expect(sink.texts[1]).toBe("second file, and longer");
});

test("truncation begins anew, also when the file has grown past where it was", async () => {
  const { directory, sink, meter, start } = await bench(plainFiles);
  const path = join(directory, "a.log");
  writeFileSync(path, "one\ntwo\n");
  start();
  await eventually(
    () => sink.texts.length === 2,
    () => sink.texts,
  );
  truncateSync(path);
  appendFileSync(path, "x\n");
  await eventually(
    () => sink.texts.length === 3,
    () => sink.texts,
  );
  writeFileSync(path, "a much longer text than before\n");
  await eventually(
    () => sink.texts.length === 4,
    () => sink.texts,
  );
  expect(sink.texts).toEqual(["one", "two", "x", "a much longer text than before"]);
  expect(meter.counts.get("binnacle_agent_log_truncations_total")).toBe(2);
});

test("copytruncate: what was not read yet is read from the copy, the line under way too", async () => {
  const { directory, sink, start } = await bench(plainFiles);
  const path = join(directory, "a.log");
  writeFileSync(path, "one\ntw");
  start({ graceMs: 2_000 });
  await eventually(
    () => sink.texts.length === 1,
    () => sink.texts,
  );
  appendFileSync(path, "o\nthree\n");
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
  appendFileSync(path, "four\n");
  await eventually(
    () => sink.texts.length === 4,
    () => sink.texts,
  );
  expect(sink.texts.toSorted()).toEqual(["four", "one", "three", "two"]);
});

test("a line without an end is given out after a while, and its late end is no line", async () => {
  const { directory, sink, start } = await bench(plainFiles);
  const path = join(directory, "a.log");
  writeFileSync(path, "prompt>");
  start({ graceMs: 50 });
  await eventually(
    () => sink.texts.length === 1,
    () => sink.texts,
  );
  appendFileSync(path, "\nnext\n");
  await eventually(
    () => sink.texts.length === 2,
    () => sink.texts,
  );
  expect(sink.texts).toEqual(["prompt>", "next"]);
});

test("the last line of a file that is deleted is given out", async () => {
  const { directory, sink, start } = await bench(plainFiles);
  const path = join(directory, "a.log");
  writeFileSync(path, "one\nlast words");
  const tailer = start();
  await eventually(
    () => tailer.status().length === 1,
    () => tailer.status(),
  );
  rmSync(path);
  await eventually(
    () => tailer.status().length === 0,
    () => tailer.status(),
  );
  expect(sink.texts).toEqual(["one", "last words"]);
});

test("what is no regular file, or lies elsewhere, hangs nothing and is not read", async () => {
  const { directory, sink, meter, start } = await bench(plainFiles);
  const program = "mkfifo";
  execFileSync(program, [join(directory, "pipe.log")]);
  mkdirSync(join(directory, "folder.log"));
  const outside = await mkdtemp(join(tmpdir(), "outside-"));
  cleanups.push(() => rm(outside, { recursive: true }));
  writeFileSync(join(outside, "secret"), "secret\n");
  symlinkSync(join(outside, "secret"), join(directory, "link.log"));
  symlinkSync("good.log", join(directory, "inside.log"));
  writeFileSync(join(directory, "old.log.gz"), "not a log\n");
  writeFileSync(join(directory, "good.log"), "good\n");
  start();
  await eventually(
    () => sink.texts.length > 0,
    () => sink.texts,
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sink.texts).toEqual(["good"]);
  expect(meter.counts.get("binnacle_agent_log_files_refused_total{outside_of_roots}")).toBe(1);
});

test("a line over the limit is cut and counted", async () => {
  const { directory, sink, meter, start } = await bench(plainFiles);
  writeFileSync(join(directory, "a.log"), `${"x".repeat(LOG_LINE_BYTES_MAX + 10)}\nnext\n`);
  start();
  await eventually(
    () => sink.texts.length === 2,
    () => meter.counts,
  );
  expect(sink.texts.map(({ length }) => length)).toEqual([LOG_LINE_BYTES_MAX, 4]);
  expect(meter.counts.get("binnacle_agent_log_lines_cut_total")).toBe(1);
});

test("of a batch that is refused only the bad line is dropped", async () => {
  const { directory, sink, meter, start } = await bench(plainFiles);
  writeFileSync(join(directory, "a.log"), Array.from({ length: 20 }, (_, i) => `line ${i}\n`).join(""));
  sink.refuse = (batch) => {
    const isBad = batch.some(({ lines }) => lines.some((line) => Buffer.from(line).toString() === "line 13"));
    if (isBad) throw new BinnacleError("LIMIT_EXCEEDED", "not that one");
    return undefined;
  };
  start();
  await eventually(
    () => sink.texts.length === 19,
    () => sink.texts,
  );
  expect(sink.texts).not.toContain("line 13");
  expect(meter.counts.get("binnacle_agent_log_lines_dropped_total{limit_exceeded}")).toBe(1);
});

test("lines that the sink rejects are counted by its reasons", async () => {
  const { directory, sink, meter, start } = await bench(plainFiles);
  writeFileSync(join(directory, "a.log"), "one\n");
  const rejection = { reason: "timestamp_too_old", stream: 0, line: 0, message: "" } as const;
  sink.refuse = () => ({ appended: 0, rejected: 3, rejections: [rejection] });
  start();
  const dropped = "binnacle_agent_log_lines_dropped_total";
  await eventually(
    () => meter.counts.get(`${dropped}{timestamp_too_old}`) === 1,
    () => [...meter.counts],
  );
  expect(meter.counts.get(`${dropped}{rejected}`)).toBe(2);
});
