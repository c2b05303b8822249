/**
 * What the benches of logs share: a corpus made of recorded systems, its way into a server, and the
 * questions that are asked of it.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Labels } from "@binnacle/model";
import { encodeLokiPush } from "@binnacle/wire";
import { repositoryRoot } from "../../test/support/places.ts";

const LINES_PER_PUSH = 2000;
/** How long a server that cannot keep up is left alone, ms. */
const BACK_OFF_MS = 200;

export interface Corpus {
  readonly streams: readonly Labels[];
  /** In order: the stream of each line, and its bytes. */
  readonly of: Uint16Array;
  readonly lines: readonly Buffer[];
  readonly bytes: number;
}

export interface Question {
  readonly name: string;
  /** For a whole number another one each time, as nobody has asked before; without one always the same. */
  readonly query: (fresh?: number) => string;
  readonly boundMs: number;
}

const ALL = '{app=~".+"}';
export const QUESTIONS: readonly Question[] = [
  {
    name: "absent literal with an inner word",
    query: (fresh = 7141) => `${ALL} |= "zebra-quagga-${fresh}"`,
    boundMs: 3,
  },
  {
    name: "absent piece of a word",
    query: (fresh: number | string = "") => `${ALL} |= "7141zz${fresh}"`,
    boundMs: 37,
  },
  {
    name: "rare literal",
    query: (fresh: number | string = "") => `${ALL} |= "Reboot requested${fresh}"`,
    boundMs: 2,
  },
  {
    name: "rare literal in variables",
    query: (fresh) => `${ALL} |= "rhost=218.188.2.${fresh ?? "4 "}"`,
    boundMs: 2,
  },
  { name: "common literal, 1000 newest", query: () => `${ALL} |= "error"`, boundMs: 9 },
  { name: "1000 newest", query: () => ALL, boundMs: 9 },
  {
    name: "regular expression",
    query: (fresh: number | string = "") => `${ALL} |~ "user=[a-z]+ .*rhost=2[0-9]+${fresh}"`,
    boundMs: 45,
  },
  { name: "count by app by minute", query: () => `sum by (app) (count_over_time(${ALL} [1m]))`, boundMs: 11 },
  {
    name: "… with an error",
    query: () => `sum by (app) (count_over_time(${ALL} |= "error" [1m]))`,
    boundMs: 24,
  },
];

/** Undefined where BINNACLE_SHARED has no recorded logs. */
export function makeCorpus(folder: string, lineCount: number, seed: number): Corpus | undefined {
  const shared = path.resolve(repositoryRoot, process.env["BINNACLE_SHARED"] ?? "../shared");
  const recorded = path.join(shared, "data/logs");
  if (!fs.existsSync(recorded)) return undefined;
  const file = path.join(folder, "corpus.jsonl");
  const maker = path.join(shared, "tools/logcorpus.mjs");
  const made = spawnSync(process.execPath, [maker, recorded, file, String(lineCount), String(seed)], {
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(made.stderr);
  const sets = JSON.parse(fs.readFileSync(`${file}.pods.json`, "utf8")) as Record<string, string>[];
  const of = new Uint16Array(lineCount);
  const lines: Buffer[] = [];
  let bytes = 0;
  for (const row of fs.readFileSync(file, "utf8").split("\n")) {
    if (row === "") continue;
    const [stream, text] = JSON.parse(row) as [number, string];
    of[lines.length] = stream;
    const line = Buffer.from(text);
    lines.push(line);
    bytes += line.length;
  }
  fs.rmSync(file);
  return { streams: sets.map((set) => Labels.fromObject(set)), of, lines, bytes };
}

/** Pushes all lines, their times spread evenly over a range. */
export async function pushCorpus(
  url: string,
  { streams, of, lines }: Corpus,
  { startMs, spanMs }: { readonly startMs: number; readonly spanMs: number },
): Promise<void> {
  for (let from = 0; from < lines.length; from += LINES_PER_PUSH) {
    const batch = new Map<number, { times: bigint[]; lines: Buffer[] }>();
    for (let i = from; i < Math.min(from + LINES_PER_PUSH, lines.length); i++) {
      let entries = batch.get(of[i]!);
      if (entries === undefined) batch.set(of[i]!, (entries = { times: [], lines: [] }));
      const timeMs = startMs + Math.floor((i / lines.length) * spanMs);
      entries.times.push(BigInt(timeMs) * 1_000_000n);
      entries.lines.push(lines[i]!);
    }
    const body = encodeLokiPush(
      Array.from(batch, ([stream, { times, lines: texts }]) => ({
        labels: streams[stream]!,
        timesNs: BigInt64Array.from(times),
        lines: texts,
        metadata: undefined,
      })),
    );
    await post(`${url}/loki/api/v1/push`, Buffer.from(body), { "content-type": "application/x-protobuf" });
  }
}

/** Posts, and again where the server says that it cannot keep up. */
export async function post(url: string, body?: Buffer, headers: Record<string, string> = {}): Promise<void> {
  for (;;) {
    const response = await fetch(url, {
      method: "POST",
      headers,
      body: body === undefined ? null : new Uint8Array(body),
    });
    const text = await response.text();
    if (response.ok) return;
    if (response.status !== 429) throw new Error(`${url}: ${response.status} ${text}`);
    await sleep(BACK_OFF_MS);
  }
}

export interface Asked {
  readonly medianMs: number;
  /** Lines or points that the last answer had. */
  readonly found: number;
}

/** Asks some times over a range, each time `query` anew. */
export async function ask(
  url: string,
  query: (run: number) => string,
  { startMs, endMs, runs }: { readonly startMs: number; readonly endMs: number; readonly runs: number },
): Promise<Asked> {
  const times: number[] = [];
  let found = 0;
  for (let run = 0; run < runs; run++) {
    const parameters = new URLSearchParams({
      query: query(run),
      start: `${startMs}000000`,
      end: `${endMs}000000`,
      limit: "1000",
      step: "60",
    });
    const begin = performance.now();
    const response = await fetch(`${url}/loki/api/v1/query_range?${parameters.toString()}`);
    const text = await response.text();
    times.push(performance.now() - begin);
    if (!response.ok) throw new Error(text);
    const { data } = JSON.parse(text) as { data: { result: { values: unknown[] }[] } };
    found = data.result.reduce((sum, { values }) => sum + values.length, 0);
  }
  return { medianMs: times.sort((a, b) => a - b)[runs >> 1]!, found };
}
