/** Runs test scripts of LogQL against a store of its own and the engine. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Labels, NO_LOGGER, NO_METER, QueryContext, SYSTEM_CLOCK, type LogEntries } from "@binnacle/model";
import { LogEngine, type LogQueryValue } from "../engine/index.ts";
import { LogStore } from "../store/log-store.ts";
import { parseScript, type Command, type Evaluation, type LoadLine } from "./script.ts";
import { describeDifference } from "./compare.ts";

export interface ScriptResult {
  readonly passed: number;
  /** `line N: …` for each evaluation that did not give what is expected. */
  readonly failures: readonly string[];
}

/** Throws ScriptError for a script that cannot be read. */
export async function runScript(text: string): Promise<ScriptResult> {
  const commands = parseScript(text);
  const failures: string[] = [];
  let passed = 0;
  let store = await TestStore.create();
  try {
    for (const command of commands) {
      if (command.kind === "clear") {
        await store.close();
        store = await TestStore.create();
      } else if (command.kind === "load") {
        await store.load(command.lines);
      } else {
        const difference = await evaluate(command, store.logs);
        if (difference === undefined) passed++;
        else failures.push(`line ${command.line}: ${command.query}\n${difference}`);
      }
    }
  } finally {
    await store.close();
  }
  return { passed, failures };
}

/** A store in a temporary folder. Half of what is loaded is sealed, so that scripts meet heads and parts. */
class TestStore {
  readonly logs: LogStore;
  readonly #dir: string;
  #loads = 0;

  private constructor(logs: LogStore, dir: string) {
    this.logs = logs;
    this.#dir = dir;
  }

  static async create(): Promise<TestStore> {
    const dir = mkdtempSync(join(tmpdir(), "binnacle-logqltest-"));
    const logs = await LogStore.open({
      dir,
      clock: SYSTEM_CLOCK,
      logger: NO_LOGGER,
      meter: NO_METER,
      retentionMs: undefined,
    });
    return new TestStore(logs, dir);
  }

  async load(lines: readonly LoadLine[]): Promise<void> {
    // A store takes a batch that comes twice for a repetition; a script that loads twice means two.
    const marker: LogEntries = {
      labels: Labels.from([["__load__", String(this.#loads)]]),
      // Far from all that a script loads, so that no query meets it.
      timesNs: BigInt64Array.of(10n ** 18n),
      lines: [new Uint8Array()],
      metadata: undefined,
    };
    const { rejections } = await this.logs.append([...lines.flatMap(toEntries), marker]);
    const [first] = rejections;
    if (first !== undefined) throw new Error(first.message);
    if (this.#loads++ % 2 === 1) await this.logs.compact();
  }

  async close(): Promise<void> {
    await this.logs.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function toEntries(load: LoadLine): LogEntries[] {
  const numbers = Array.from({ length: load.count }, (_, i) => i);
  const isOneStream = !load.labels.pairs.some((text) => numbered(text, 0) !== text);
  return isOneStream ? [entriesOf(load, numbers)] : numbers.map((i) => entriesOf(load, [i]));
}

function entriesOf({ labels, line, offsetMs, everyMs, metadata }: LoadLine, numbers: number[]): LogEntries {
  const encoder = new TextEncoder();
  const pairs = [...labels.entries()].map(([name, value]) => [name, numbered(value, numbers[0]!)] as const);
  return {
    labels: Labels.from(pairs),
    timesNs: BigInt64Array.from(numbers, (i) => toNs(offsetMs + i * everyMs)),
    lines: numbers.map((i) => encoder.encode(numbered(line, i))),
    metadata:
      metadata.length === 0 ? undefined : numbers.map((i) => metadata.map((part) => numbered(part, i))),
  };
}

function numbered(text: string, i: number): string {
  return text.replaceAll(/\{\{\s*\.i\s*\}\}/g, String(i));
}

function toNs(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

async function evaluate(command: Command & { kind: "eval" }, store: LogStore): Promise<string | undefined> {
  const { evaluation, query, expectation } = command;
  let value: LogQueryValue;
  try {
    value = await ask(evaluation, query, store);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (expectation.kind !== "fail") return `  failed: ${message}`;
    return expectation.matches(message)
      ? undefined
      : `  failed with: ${message}\n  expected: ${expectation.text}`;
  }
  return describeDifference(value, expectation, evaluation);
}

async function ask(evaluation: Evaluation, query: string, store: LogStore): Promise<LogQueryValue> {
  const engine = new LogEngine();
  const context = new QueryContext();
  if (evaluation.kind === "instant") {
    const { value } = await engine.instant({ query, timeNs: toNs(evaluation.atMs) }, store, context);
    return value;
  }
  const range = { query, startNs: toNs(evaluation.fromMs), endNs: toNs(evaluation.toMs) };
  const asked =
    evaluation.kind === "range"
      ? { ...range, stepMs: evaluation.stepMs, limit: 1000, direction: "forward" as const }
      : { ...range, stepMs: 1000, limit: evaluation.limit, direction: evaluation.direction };
  const { value } = await engine.range(asked, store, context);
  return value;
}
