/** `binnacle query logs`: LogQL, on a server or on the lines of standard input. */
import type { LogQueryValue } from "@binnacle/logs/engine";
import { InvalidArgumentError } from "commander";
import { askServer } from "./client/server-client.ts";
import { readTime, stepFor } from "./client/times.ts";
import { inAnswersOrder, linesOf, sinceMs, type LogIo } from "./logs.ts";
import { linePrinter, wantsColors, type LineOutput } from "./output/log-line.ts";

export interface QueryLogsOptions {
  readonly stdin?: boolean;
  readonly since?: string;
  readonly start?: string;
  readonly end?: string;
  readonly limit?: string;
  readonly step?: string;
  readonly forward?: boolean;
  readonly timestamps?: boolean;
  readonly output: LineOutput;
  readonly color: "auto" | "always" | "never";
  readonly server: string;
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

type Answer =
  | {
      readonly resultType: "streams";
      readonly result: readonly {
        readonly stream: Readonly<Record<string, string>>;
        readonly values: readonly (readonly [string, string])[];
      }[];
    }
  | { readonly resultType: "matrix" | "vector"; readonly result: readonly Series[] }
  | { readonly resultType: "scalar"; readonly result: readonly [number, string] };

export async function queryLogs(query: string, options: QueryLogsOptions, io: LogIo): Promise<void> {
  const isForward = options.forward === true;
  const limit = Number(options.limit ?? 100);
  if (!Number.isInteger(limit) || limit < 1) {
    throw new InvalidArgumentError(`${JSON.stringify(options.limit)} is no number of lines.`);
  }
  const answer =
    options.stdin === true
      ? await queryInput(query, { limit, isForward }, io)
      : await queryServer(query, { limit, isForward }, options, io);
  printAnswer(answer, { isForward, isSorted: await isSorted(query) }, options, io);
}

/** Sorted lines are printed as they come; all others are put in the order of time. */
async function isSorted(query: string): Promise<boolean> {
  const { parseLogQL } = await import("@binnacle/logs/parser");
  const expr = parseLogQL(query);
  return expr.kind === "pipeline" && expr.stages.some(({ kind }) => kind === "sort");
}

async function queryServer(
  query: string,
  { limit, isForward }: { readonly limit: number; readonly isForward: boolean },
  options: QueryLogsOptions,
  io: LogIo,
): Promise<Answer> {
  const endMs = options.end === undefined ? io.nowMs : readTime(options.end, io.nowMs);
  const startMs =
    options.start === undefined ? endMs - sinceMs(options.since) : readTime(options.start, io.nowMs);
  const { data } = await askServer(options.server, "/loki/api/v1/query_range", [
    ["query", query],
    ["start", `${startMs}000000`],
    // The end is not included; a line of this very moment is meant to be.
    ["end", `${endMs}000001`],
    ["step", options.step ?? String(stepFor(endMs - startMs) / 1000)],
    ["limit", String(limit)],
    ["direction", isForward ? "forward" : "backward"],
  ]);
  return data as Answer;
}

/** Lines have the time of now, a nanosecond apart, so that their order is kept. */
async function queryInput(
  query: string,
  { limit, isForward }: { readonly limit: number; readonly isForward: boolean },
  io: LogIo,
): Promise<Answer> {
  const { LogEngine } = await import("@binnacle/logs/engine");
  const { parseLogQL } = await import("@binnacle/logs/parser");
  const { QueryContext } = await import("@binnacle/model");
  const { linesAsSource } = await import("./stdin-source.ts");
  const text = await io.readInput();
  const nowNs = BigInt(io.nowMs) * 1_000_000n;
  const { source, startNs } = linesAsSource(text, nowNs);
  const engine = new LogEngine();
  const context = new QueryContext();
  if (parseLogQL(query).kind !== "pipeline") {
    return toAnswer((await engine.instant({ query, timeNs: nowNs }, source, context)).value);
  }
  const direction = isForward ? ("forward" as const) : ("backward" as const);
  const range = { query, startNs, endNs: nowNs + 1n, stepMs: 1000, limit, direction };
  return toAnswer((await engine.range(range, source, context)).value);
}

function toAnswer(value: LogQueryValue): Answer {
  switch (value.type) {
    case "streams":
      return {
        resultType: "streams",
        result: value.streams.map(({ labels, entries }) => ({
          stream: labels.toObject(),
          values: entries.map(({ timeNs, line }) => [String(timeNs), Buffer.from(line).toString("utf8")]),
        })),
      };
    case "vector":
      return {
        resultType: "vector",
        result: value.samples.map(({ labels, timeMs, value: number }) => ({
          metric: labels.toObject(),
          value: [timeMs / 1000, String(number)],
        })),
      };
    case "scalar":
      return { resultType: "scalar", result: [value.timeMs / 1000, String(value.value)] };
    default:
      throw new Error(`BUG: a query of one moment gives no ${value.type}`);
  }
}

function printAnswer(
  answer: Answer,
  { isForward, isSorted }: { readonly isForward: boolean; readonly isSorted: boolean },
  options: QueryLogsOptions,
  io: LogIo,
): void {
  const { write } = io.terminal;
  if (answer.resultType === "scalar") {
    write(`${answer.result[1]}\n`);
    return;
  }
  if (answer.resultType === "streams") {
    const print = linePrinter({
      output: options.stdin === true && options.output === "default" ? "raw" : options.output,
      hasColors: wantsColors(options.color, io.terminal.isInteractive),
      showsTimes: options.timestamps === true,
      highlight: undefined,
    });
    const lines = isSorted ? inAnswersOrder(answer.result) : linesOf(answer.result);
    const isKept = isSorted || isForward || options.stdin === true;
    for (const line of isKept ? lines : lines.reverse()) write(print(line));
    return;
  }
  for (const { metric, value, values } of answer.result) {
    if (options.output === "json") {
      write(`${JSON.stringify({ metric, values: values ?? [value] })}\n`);
      continue;
    }
    const labels = Object.entries(metric).map(([name, text]) => `${name}=${JSON.stringify(text)}`);
    for (const [seconds, number] of values ?? [value!]) {
      const time = values === undefined ? "" : ` @ ${new Date(seconds * 1000).toISOString()}`;
      write(`{${labels.join(", ")}} ${number}${time}\n`);
    }
  }
}
