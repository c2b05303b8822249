/**
 * Random lives of a log file: written, rotated by name and by copy, with the tailer stopped and started and
 * the sink away at times. Whatever happened, every line arrives, and once.
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinnacleError, NO_METER } from "@binnacle/model";
import { expect, test } from "vitest";
import { eventually, RecordingLogger, RecordingLogSink } from "../testing/recorders.ts";
import { LogTailer } from "./log-tailer.ts";

const STEPS = 60;
const ROTATED_MAX = 20;

type Random = (below: number) => number;

function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}

/** A program that logs: it keeps its file open until it is told to open it again. */
class Writer {
  readonly written: string[] = [];
  readonly #path: string;
  #fd: number;
  #lineStart = "";

  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(path, "a");
  }

  line(): void {
    const text = `line ${this.written.length} ${"x".repeat((this.written.length * 37) % 90)}`;
    writeSync(this.#fd, `${text.slice(this.#lineStart.length)}\n`);
    this.#lineStart = "";
    this.written.push(text);
  }

  /** The first half of the next line. */
  half(): void {
    if (this.#lineStart !== "") return;
    this.#lineStart = `line ${this.written.length} `;
    writeSync(this.#fd, this.#lineStart);
  }

  reopen(): void {
    if (this.#lineStart !== "") this.line();
    closeSync(this.#fd);
    this.#fd = openSync(this.#path, "a");
  }

  close(): void {
    if (this.#lineStart !== "") this.line();
    closeSync(this.#fd);
  }
}

function shift(path: string): void {
  rmSync(`${path}.${ROTATED_MAX}`, { force: true });
  for (let i = ROTATED_MAX - 1; i >= 1; i--) {
    if (existsSync(`${path}.${i}`)) renameSync(`${path}.${i}`, `${path}.${i + 1}`);
  }
}

async function live(seed: number, rotation: "rename" | "copy and truncate"): Promise<void> {
  const random = randomFrom(seed);
  const directory = await mkdtemp(join(tmpdir(), "life-"));
  const path = join(directory, "app.log");
  const sink = new RecordingLogSink();
  const logger = new RecordingLogger();
  const start = (): LogTailer => {
    const tailer = new LogTailer({
      sources: [{ kind: "files", paths: [path], job: "j" }],
      sink,
      checkpointDir: join(directory, "checkpoints"),
      logger,
      meter: NO_METER,
      lookIntervalMs: 3,
      readIntervalMs: 2,
      graceMs: 60_000,
      retryWaitMs: 1,
    });
    tailer.start();
    return tailer;
  };
  const writer = new Writer(path);
  const history: string[] = [];
  let tailer: LogTailer | undefined = start();
  // Once a line is stored the log is known: what is rotated away before that is history from before our time.
  writer.line();
  await eventually(
    () => sink.texts.length === 1,
    () => logger.messages,
  );

  const actions: [weight: number, name: string, act: () => Promise<void> | void][] = [
    [40, "write", () => Array.from({ length: 1 + random(5) }).forEach(() => writer.line())],
    [10, "half a line", () => writer.half()],
    [20, "wait", () => new Promise((resolve) => setTimeout(resolve, random(12)))],
    [
      rotation === "rename" ? 10 : 0,
      "rename",
      () => {
        shift(path);
        renameSync(path, `${path}.1`);
        for (let late = random(3); late > 0; late--) writer.line();
        writer.reopen();
      },
    ],
    [
      rotation === "rename" ? 0 : 10,
      "copy and truncate",
      async () => {
        // A copy of a file that was not looked into yet cannot be told from any other file: the tailer must
        // have followed the last rotation before the next. In life there are minutes between them.
        if (tailer === undefined || sink.refuse !== undefined) return;
        const { size } = statSync(path);
        const isSettled = (): boolean => {
          const current = tailer?.status().find((file) => !file.isDraining);
          return current?.offset === size;
        };
        if (size === 0) return;
        await eventually(isSettled, () => tailer?.status());
        for (let unread = random(4); unread > 0; unread--) writer.line();
        writer.reopen();
        shift(path);
        copyFileSync(path, `${path}.1`);
        truncateSync(path);
      },
    ],
    [
      8,
      "stop or start",
      async () => {
        await tailer?.stop();
        tailer = tailer === undefined ? start() : undefined;
      },
    ],
    [
      8,
      "sink goes or comes",
      () => {
        const isAway = sink.refuse !== undefined;
        sink.refuse = isAway
          ? undefined
          : () => {
              throw new BinnacleError("UNAVAILABLE", "away");
            };
      },
    ],
  ];
  const weights = actions.reduce((sum, [weight]) => sum + weight, 0);
  try {
    for (let step = 0; step < STEPS; step++) {
      let pick = random(weights);
      const [, name, act] = actions.find(([weight]) => (pick -= weight) < 0)!;
      history.push(name);
      await act();
    }
    writer.close();
    sink.refuse = undefined;
    tailer ??= start();
    const what = `seed ${seed}: ${history.join(", ")}`;
    await eventually(
      () => sink.texts.length >= writer.written.length,
      () => missing(writer, sink),
      4_000,
    ).catch((error: unknown) =>
      expect.fail(`${what}\n${String(error)}\n${logger.messages.slice(-8).join("\n")}`),
    );
    await tailer.stop();
    expect(sink.texts.toSorted(), what).toEqual(writer.written.toSorted());
  } finally {
    await tailer?.stop().catch(() => undefined);
    await rm(directory, { recursive: true });
  }
}

function missing(writer: Writer, sink: RecordingLogSink): string[] {
  const seen = new Set(sink.texts);
  return writer.written.filter((line) => !seen.has(line));
}

test.each(["rename", "copy and truncate"] as const)(
  "every line arrives once, rotation by %s",
  async (rotation) => {
    const first = Number(process.env["SEED"] ?? 1);
    for (let i = 0; i < 6; i++) await live(first + i, rotation);
  },
);
