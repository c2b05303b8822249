/** `binnacle logs`: the newest lines of pods, and with -f those that come. */
import { BinnacleError, tryParseDuration } from "@binnacle/model";
import { InvalidArgumentError } from "commander";
import { askServer } from "./client/server-client.ts";
import { readTime } from "./client/times.ts";
import { linePrinter, wantsColors, type LineOutput, type PrintedLine } from "./output/log-line.ts";
import type { CommandIo } from "./query-commands.ts";

export interface LogsOptions {
  readonly follow?: boolean;
  readonly selector?: string;
  readonly namespace?: string;
  readonly container?: string;
  readonly since?: string;
  readonly sinceTime?: string;
  readonly tail?: string;
  readonly grep?: readonly string[];
  readonly exclude?: readonly string[];
  readonly highlight?: string;
  readonly timestamps?: boolean;
  readonly output: LineOutput;
  readonly color: "auto" | "always" | "never";
  readonly server: string;
}

export interface LogIo extends CommandIo {
  readonly nowMs: number;
}

const TAIL_DEFAULT = 100;
/** Lines a server answers with at most. */
const TAIL_MAX = 5000;
/** The close code of a server that refuses the query. */
const CLOSE_REFUSED = 1008;
/** How long a lost connection is waited for before it is tried again, ms. */
const RETRY_MS = 1000;

interface Stream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [string, string])[];
}

export async function showLogs(pod: string | undefined, options: LogsOptions, io: LogIo): Promise<void> {
  const query = logQuery(pod, options);
  const print = linePrinter({
    output: options.output,
    hasColors: wantsColors(options.color, io.terminal.isInteractive),
    showsTimes: options.timestamps === true,
    highlight: options.highlight,
  });
  const show = (line: PrintedLine): void => io.terminal.write(print(line));
  if (options.follow !== true) {
    for (const line of await newestLines(query, options, io)) show(line);
    return;
  }
  // Listening comes first: a line that comes while those there are are fetched is held back, not lost.
  const held: PrintedLine[] = [];
  let isHeld = true;
  let following = follow(query, options.server, io.complain, (line) => {
    if (isHeld) held.push(line);
    else show(line);
  });
  await Promise.race([following.opened, following.closed]);
  const shown = new Set<string>();
  for (const line of await newestLines(query, options, io)) {
    shown.add(keyOf(line));
    show(line);
  }
  isHeld = false;
  for (const line of held) if (!shown.has(keyOf(line))) show(line);
  for (;;) {
    await following.closed;
    if (io.terminal.isInteractive) io.complain("binnacle: the connection is lost, trying again\n");
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    following = follow(query, options.server, io.complain, show);
  }
}

function keyOf({ timeNs, line, labels }: PrintedLine): string {
  return `${timeNs} ${labels["pod"] ?? ""} ${line}`;
}

async function newestLines(query: string, options: LogsOptions, io: LogIo): Promise<PrintedLine[]> {
  const limit = tailCount(options.tail);
  if (limit === 0) return [];
  const { data } = await askServer(options.server, "/loki/api/v1/query_range", [
    ["query", query],
    ["start", `${startMs(options, io)}000000`],
    // A following one begins later than this moment was taken.
    ["end", `${Math.max(Date.now(), io.nowMs) + 1}000000`],
    ["limit", String(limit)],
    ["direction", "backward"],
  ]);
  return linesOf((data as { result: readonly Stream[] }).result);
}

function startMs({ since, sinceTime }: LogsOptions, io: LogIo): number {
  return sinceTime === undefined ? io.nowMs - sinceMs(since) : readTime(sinceTime, io.nowMs);
}

/** The LogQL of what the flags say. */
export function logQuery(pod: string | undefined, options: Partial<LogsOptions>): string {
  const filters = [
    ...(options.grep ?? []).map((pattern) => ` |~ ${JSON.stringify(pattern)}`),
    ...(options.exclude ?? []).map((pattern) => ` !~ ${JSON.stringify(pattern)}`),
  ].join("");
  if (pod !== undefined && /^[{"`]/.test(pod)) return pod + filters;
  const matchers: string[] = [];
  if (pod !== undefined) matchers.push(`pod=~${JSON.stringify(`.*(?:${pod}).*`)}`);
  if (options.namespace !== undefined) matchers.push(`namespace=${JSON.stringify(options.namespace)}`);
  if (options.container !== undefined) matchers.push(`container=${JSON.stringify(options.container)}`);
  for (const part of (options.selector ?? "").split(",").filter((text) => text.trim() !== "")) {
    const match = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|==?)\s*(.*?)\s*$/.exec(part);
    if (match === null) throw new InvalidArgumentError(`${JSON.stringify(part)} is no label=value.`);
    const [, name, op, value] = match;
    matchers.push(`${name}${op === "==" ? "=" : op}${JSON.stringify(value)}`);
  }
  // Without any selector all streams are looked through.
  return matchers.length === 0 ? `""${filters}` : `{${matchers.join(", ")}}${filters}`;
}

function tailCount(text: string | undefined): number {
  if (text === undefined) return TAIL_DEFAULT;
  if (!/^-?\d+$/.test(text)) throw new InvalidArgumentError(`${JSON.stringify(text)} is no number of lines.`);
  return Number(text) < 0 ? TAIL_MAX : Math.min(Number(text), TAIL_MAX);
}

export function sinceMs(text: string | undefined): number {
  const ms = tryParseDuration(text ?? "1h");
  if (ms === undefined) throw new InvalidArgumentError(`${JSON.stringify(text)} is no duration, as 15m is.`);
  return ms;
}

export function inAnswersOrder(streams: readonly Stream[]): PrintedLine[] {
  return streams.flatMap(({ stream, values }) =>
    values.map(([timeNs, line]) => ({ labels: stream, timeNs, line })),
  );
}

/** In the order of time. */
export function linesOf(streams: readonly Stream[]): PrintedLine[] {
  return inAnswersOrder(streams).sort((a, b) =>
    BigInt(a.timeNs) < BigInt(b.timeNs) ? -1 : a.timeNs === b.timeNs ? 0 : 1,
  );
}

interface Following {
  readonly opened: Promise<void>;
  /**
   * Resolves when the server closes the connection. Rejects with EXECUTION_ERROR when it refuses the query.
   */
  readonly closed: Promise<void>;
}

function follow(
  query: string,
  server: string,
  complain: (text: string) => void,
  onLine: (line: PrintedLine) => void,
): Following {
  const base = server.replace(/^http/, "ws").replace(/\/+$/, "");
  const socket = new WebSocket(`${base}/loki/api/v1/tail?limit=0&query=${encodeURIComponent(query)}`);
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(String(data)) as {
      streams: readonly Stream[];
      dropped_count?: number;
    };
    for (const line of linesOf(frame.streams)) onLine(line);
    const dropped = frame.dropped_count ?? 0;
    if (dropped > 0)
      complain(`binnacle: ${dropped} lines were dropped: they came faster than they were read\n`);
  });
  // What is wrong is said by the close that follows.
  socket.addEventListener("error", () => undefined);
  return {
    opened: new Promise((resolve) => socket.addEventListener("open", () => resolve())),
    closed: new Promise((resolve, reject) => {
      socket.addEventListener("close", ({ code, reason }) => {
        if (code === CLOSE_REFUSED) reject(new BinnacleError("EXECUTION_ERROR", reason));
        else resolve();
      });
    }),
  };
}
