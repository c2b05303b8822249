/**
 * The life of a store against a plain array: pushes on time and late, repeated batches, deletions and their
 * cancelling, sealing, merging, expiring, restarts, in any order; every answer is compared.
 */
import {
  compareLabels,
  QueryContext,
  seededRandom,
  type Labels,
  type LogEntries,
  type Random,
} from "@binnacle/model";
import { expect, test } from "vitest";
import {
  describeLine,
  dump,
  entries,
  NOON_MS,
  NOON_NS,
  openStore,
  TestClock,
  TestFolder,
  type TestLine,
} from "../testing/fixtures.ts";
import { LogEngine } from "../engine/index.ts";
import { LOG_LIMITS_DEFAULT, REPEATED_BATCH_AGE_MS } from "../limits.ts";
import type { LogStore } from "./log-store.ts";

const HOUR_NS = 3_600_000_000_000n;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const RETENTION_MS = 5 * DAY_MS;
/** By app: shorter and longer than the rest. */
const OWN_RETENTION_MS: Readonly<Record<string, number>> = { a0: 2 * DAY_MS, a1: 30 * DAY_MS };

interface PlainLine {
  readonly labels: Labels;
  readonly timeNs: bigint;
  readonly line: Uint8Array;
  readonly metadata: readonly string[] | undefined;
  readonly deletedBy: Set<string>;
}

/** The naive twin: all lines in the order in which they came. */
class PlainStore {
  readonly #clock: TestClock;
  lines: PlainLine[] = [];

  constructor(clock: TestClock) {
    this.#clock = clock;
  }

  append(batch: readonly LogEntries[]): number {
    let appended = 0;
    for (const { labels, timesNs, lines, metadata } of batch) {
      lines.forEach((line, i) => {
        if (timesNs[i]! < this.#oldestNs(labels)) return;
        appended++;
        this.lines.push({
          labels,
          timeNs: timesNs[i]!,
          line,
          metadata: metadata?.[i],
          deletedBy: new Set(),
        });
      });
    }
    return appended;
  }

  #oldestNs(labels: Labels): bigint {
    const retentionMs = OWN_RETENTION_MS[labels.get("app")] ?? RETENTION_MS;
    return BigInt(this.#clock.ms - retentionMs) * 1_000_000n;
  }

  delete(id: string, isMeant: (line: PlainLine) => boolean): void {
    for (const line of this.lines) if (isMeant(line)) line.deletedBy.add(id);
  }

  cancel(id: string): void {
    for (const line of this.lines) line.deletedBy.delete(id);
  }

  /** What is hidden for good. */
  clean(): void {
    this.lines = this.lines.filter((line) => this.#isShown(line));
  }

  #isShown({ labels, timeNs, deletedBy }: PlainLine): boolean {
    return deletedBy.size === 0 && timeNs >= this.#oldestNs(labels);
  }

  /** Time and line of all that pass a test, in order of both. */
  find(isMeant: (line: PlainLine) => boolean): string[] {
    const found = this.lines.filter((line) => this.#isShown(line) && isMeant(line));
    return found.map(({ timeNs, line }) => `${timeNs} ${replaced(line)}`).sort();
  }

  dump(keep: (labels: Labels) => boolean, startNs: bigint, endNs: bigint, isBackward: boolean): string[] {
    const found = this.lines.filter(
      (line) => this.#isShown(line) && keep(line.labels) && line.timeNs >= startNs && line.timeNs < endNs,
    );
    const order = found.map((line, i) => ({ line, i }));
    const sign = isBackward ? -1 : 1;
    order.sort((a, b) => {
      const byStream = compareLabels(a.line.labels, b.line.labels);
      if (byStream !== 0) return byStream;
      const byTime = a.line.timeNs < b.line.timeNs ? -1 : a.line.timeNs > b.line.timeNs ? 1 : 0;
      return sign * (byTime || a.i - b.i);
    });
    return order.map(({ line }) => describeLine(line.labels, line.timeNs, line.line, line.metadata));
  }
}

function randomLine(random: Random, nowMs: number): TestLine {
  const kind = random.below(10);
  // Mostly ascending, with equal times, late ones and some of other days.
  const jitter = BigInt(random.below(5)) * 1_000_000n;
  const latenessNs =
    kind === 0 ? BigInt(random.below(90)) * HOUR_NS : kind < 3 ? BigInt(random.below(100)) * 1_000_000n : 0n;
  const timeNs = BigInt(nowMs) * 1_000_000n + jitter - latenessNs;
  const words = ["red", "green", "blue", "user=7", "id 0a1b", "\u001b[31m", "é"];
  const bytes =
    random.below(3) === 0
      ? Uint8Array.from({ length: random.below(40) }, () => random.below(256))
      : Buffer.from(
          Array.from({ length: random.below(4) }, () => words[random.below(words.length)]).join(" "),
        );
  const line = new Uint8Array(bytes);
  if (random.below(6) !== 0) return { timeNs, line };
  return { timeNs, line, metadata: ["trace", String(random.below(9)), "x", "é"] };
}

function randomBatch(random: Random, nowMs: number): LogEntries[] {
  const streams = 1 + random.below(3);
  return Array.from({ length: streams }, () => {
    const labels = { app: `a${random.below(3)}`, pod: `p${random.below(4)}` };
    const lines = Array.from({ length: 1 + random.below(8) }, () => randomLine(random, nowMs));
    return entries(labels, lines);
  });
}

/** What follows the selector, and the same as a test of a line. */
const FILTERS: readonly { text: string; test: (line: PlainLine) => boolean }[] = [
  { text: "", test: () => true },
  { text: '|= "red"', test: ({ line }) => latin1(line).includes("red") },
  { text: '!= "e"', test: ({ line }) => !latin1(line).includes("e") },
  { text: '|~ "id [0-9a]+"', test: ({ line }) => /id [0-9a]+/.test(latin1(line)) },
  { text: '| trace="3"', test: ({ metadata }) => metadata?.[1] === "3" },
  {
    text: '|= "blue" | logfmt | user="7"',
    test: ({ line }) => latin1(line).includes("blue") && /(^| )user=7( |$)/.test(latin1(line)),
  },
];

/** As a log query gives it. */
function replaced(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

class Life {
  readonly #random: Random;
  readonly #folder = new TestFolder();
  readonly #clock = new TestClock();
  readonly #plain = new PlainStore(this.#clock);
  /** When each deletion was asked for that may still be taken back, by id. */
  readonly #cancellable = new Map<string, number>();
  #lastBatch: LogEntries[] = [];
  #lastMs = 0;
  #store: LogStore | undefined;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  async run(steps: number, seed: number): Promise<void> {
    await this.#open();
    for (let step = 0; step < steps; step++) await this.#step(`seed ${seed} step ${step}`);
    await this.#compact();
    await this.#compare(`seed ${seed} at the end`, { isWhole: true });
    const { headLines, partLines, openSnapshots, deletions } = this.#store!.stats();
    expect({ headLines, openSnapshots, deletions }).toEqual({ headLines: 0, openSnapshots: 0, deletions: 0 });
    // Streams that are kept a shorter time wait until a part's whole day is past.
    expect(partLines).toBeGreaterThanOrEqual(this.#plain.lines.length);
    await this.#store!.close();
    this.#folder[Symbol.dispose]();
  }

  async #open(): Promise<void> {
    this.#store = await openStore(this.#folder.path, {
      clock: this.#clock,
      limits: { sealBytes: 8192 },
      retentionMs: RETENTION_MS,
      retentionBySelector: Object.entries(OWN_RETENTION_MS).map(([app, retentionMs]) => ({
        match: `{app="${app}"}`,
        matchers: [{ name: "app", op: "=", value: app }],
        retentionMs,
        priority: 0,
      })),
    });
  }

  async #step(what: string): Promise<void> {
    const random = this.#random;
    switch (random.below(30)) {
      case 0:
        await this.#store!.close();
        await this.#open();
        return;
      case 1:
        await this.#compact();
        return;
      case 2:
        await this.#store!.cleanDeletions();
        this.#forgetDeletions();
        return;
      case 3:
      case 4:
        this.#delete();
        return;
      case 5:
        for (const [id, createdMs] of this.#cancellable) {
          this.#cancellable.delete(id);
          // The store may have taken its lines off the disk.
          if (this.#clock.ms - createdMs >= LOG_LIMITS_DEFAULT.deletionGraceMs) continue;
          this.#store!.cancelDeletion(id, { isForced: random.below(2) === 0 });
          this.#plain.cancel(id);
          break;
        }
        return;
      case 6:
        this.#clock.ms += random.below(10) * HOUR_MS;
        return;
      case 7:
        // A client that got no answer sends the very same again, soon.
        if (this.#clock.ms - this.#lastMs < REPEATED_BATCH_AGE_MS && this.#lastBatch.length > 0) {
          await this.#store!.append(this.#lastBatch);
        }
        return;
      case 8:
      case 9:
      case 10:
        await this.#compare(what);
        return;
      case 11:
      case 12:
      case 13:
        await this.#search(what);
        return;
      default: {
        this.#clock.ms += random.below(3);
        this.#lastMs = this.#clock.ms;
        this.#lastBatch = randomBatch(random, this.#clock.ms);
        const { appended } = await this.#store!.append(this.#lastBatch);
        expect(appended, what).toBe(this.#plain.append(this.#lastBatch));
      }
    }
  }

  async #compact(): Promise<void> {
    await this.#store!.compact();
    this.#forgetDeletions();
  }

  #forgetDeletions(): void {
    this.#plain.clean();
    this.#cancellable.clear();
  }

  #delete(): void {
    const random = this.#random;
    const app = `a${random.below(3)}`;
    const filter = FILTERS[random.below(FILTERS.length)]!;
    const startNs = NOON_NS - BigInt(random.below(100)) * HOUR_NS;
    const endNs = startNs + BigInt(1 + random.below(200)) * HOUR_NS;
    const id = this.#store!.deleteLines(`{app="${app}"} ${filter.text}`, { startNs, endNs });
    this.#plain.delete(
      id,
      (line) =>
        line.labels.get("app") === app && line.timeNs >= startNs && line.timeNs <= endNs && filter.test(line),
    );
    this.#cancellable.set(id, this.#clock.ms);
  }

  /** Line filters ask the store for literals, also where some of its lines are deleted. */
  async #search(what: string): Promise<void> {
    const random = this.#random;
    const app = `a${random.below(3)}`;
    const filter = FILTERS[random.below(FILTERS.length)]!;
    const query = `{app="${app}"} ${filter.text}`;
    const range = { startNs: 0n, endNs: 1n << 62n, stepMs: 1000, limit: 100_000 };
    const direction = random.below(2) === 0 ? ("forward" as const) : ("backward" as const);
    const { value } = await new LogEngine().range(
      { query, ...range, direction },
      this.#store!,
      new QueryContext(),
    );
    const found =
      value.type !== "streams"
        ? []
        : value.streams.flatMap(({ entries: all }) =>
            all.map(({ timeNs, line }) => `${timeNs} ${replaced(line)}`),
          );
    const wanted = this.#plain.find((line) => line.labels.get("app") === app && filter.test(line));
    expect(found.sort(), `${what}: ${query}`).toEqual(wanted);
  }

  async #compare(what: string, { isWhole = false }: { isWhole?: boolean } = {}): Promise<void> {
    const random = this.#random;
    const hours = Math.floor((this.#clock.ms - NOON_MS) / HOUR_MS) + 120;
    const startNs = isWhole ? 0n : NOON_NS + BigInt(random.below(hours) - 110) * HOUR_NS;
    const endNs = isWhole ? 1n << 62n : startNs + BigInt(1 + random.below(100)) * HOUR_NS;
    const isBackward = random.below(2) === 0;
    const app = `a${random.below(4)}`;
    const op = random.below(2) === 0 ? "=" : "!=";
    const found = await dump(this.#store!, {
      matchers: [{ name: "app", op, value: app }],
      startNs,
      endNs,
      direction: isBackward ? "backward" : "forward",
    });
    const keep = (labels: Labels): boolean => (labels.get("app") === app) === (op === "=");
    expect(found, what).toEqual(this.#plain.dump(keep, startNs, endNs, isBackward));
  }
}

const SEEDS = Number(process.env["BINNACLE_LIVES"] ?? 6);

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`a store holds what a plain array holds, seed ${seed}`, { timeout: 60_000 }, () =>
    new Life(seed).run(220, seed),
  );
}
