/**
 * Logs in and out: a million lines of recorded systems pushed over Loki's push API into a real
 * `binnacle serve`, a compaction, then searches and counts over all of it. Prints each figure beside
 * the bound that is promised, and what plain zstd and grep take for the same bytes.
 *
 *     node bench/logs.ts [LINES] [SEED]     (1000000 and 1 by default)
 *
 * Needs the recorded logs and the corpus maker of BINNACLE_SHARED.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { constants, zstdCompressSync } from "node:zlib";
import { Labels } from "@binnacle/model";
import { encodeLokiPush } from "@binnacle/wire";
import { repositoryRoot } from "../test/support/places.ts";
import { freePort, RunningProcess, temporaryDir } from "../test/support/process.ts";
import { buildServer } from "../tools/build-server.ts";
import { cpuSeconds, diskBytes, memoryMb, round, table } from "./support/measure.ts";

const lineCount = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.argv[3] ?? 1);
const RUNS = 15;
const LINES_PER_PUSH = 2000;
const SPAN_MS = 60 * 60_000;
const BLOCK_BYTES = 2 * 1024 * 1024;

interface Corpus {
  readonly streams: readonly Labels[];
  /** In order: the stream of each line, and its bytes. */
  readonly of: Uint16Array;
  readonly lines: readonly Buffer[];
  readonly bytes: number;
}

const ALL = '{app=~".+"}';
const QUERIES: readonly (readonly [string, string, number])[] = [
  ["absent literal with an inner word", `${ALL} |= "zebra-quagga-7141"`, 3],
  ["absent piece of a word", `${ALL} |= "7141zz"`, 37],
  ["rare literal", `${ALL} |= "Reboot requested"`, 2],
  ["rare literal in variables", `${ALL} |= "rhost=218.188.2.4 "`, 2],
  ["common literal, 1000 newest", `${ALL} |= "error"`, 9],
  ["1000 newest", ALL, 9],
  ["regular expression", `${ALL} |~ "user=[a-z]+ .*rhost=2[0-9]+"`, 45],
  ["count by app by minute", `sum by (app) (count_over_time(${ALL} [1m]))`, 11],
  ["… with an error", `sum by (app) (count_over_time(${ALL} |= "error" [1m]))`, 24],
];

const shared = path.resolve(repositoryRoot, process.env["BINNACLE_SHARED"] ?? "../shared");
const root = temporaryDir();
if (fs.existsSync(path.join(shared, "data/logs"))) {
  try {
    await bench(makeCorpus());
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
} else process.stdout.write("the recorded logs of BINNACLE_SHARED are not here: nothing is measured\n");

function makeCorpus(): Corpus {
  const file = path.join(root, "corpus.jsonl");
  const maker = path.join(shared, "tools/logcorpus.mjs");
  const args = [maker, path.join(shared, "data/logs"), file, String(lineCount), String(seed)];
  const made = spawnSync(process.execPath, args, { encoding: "utf8" });
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

async function bench(corpus: Corpus): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const dataDir = path.join(root, "data");
  const config = path.join(root, "config.yml");
  fs.writeFileSync(config, "binnacle: { default_rules: false, self_scrape: { enabled: false } }\n");
  // What is measured is what `npm start` runs.
  await buildServer();
  const server = await RunningProcess.start({
    file: path.join(repositoryRoot, "node_modules/.bin/binnacle"),
    args: ["serve", "--listen", `127.0.0.1:${port}`, "--data", dataDir, "--config", config],
    readyUrl: `${url}/-/ready`,
    cwd: root,
  });
  const rows: (string | number)[][] = [["", "measured", "bound", "yardstick"]];
  try {
    const endMs = Date.now() - 60_000;
    const startMs = endMs - SPAN_MS;
    const gigabytes = corpus.bytes / 1e9;
    const cpuBefore = cpuSeconds(server.pid);
    await push(url, corpus, startMs);
    await sleep(6000);
    const cpuPush = cpuSeconds(server.pid) - cpuBefore;
    await post(`${url}/api/v1/admin/logs/compact`);
    const cpuAll = cpuSeconds(server.pid) - cpuBefore;
    const plain = yardstick(corpus);
    rows.push(
      ["messages : disk", round(corpus.bytes / diskBytes(dataDir)), "≥ 16", `zstd -3: ${round(plain.ratio)}`],
      [
        "ingest, CPU s per GB",
        round(cpuPush / gigabytes, 1),
        "≤ 24",
        `zstd -3: ${round(plain.cpu / gigabytes, 1)}`,
      ],
      ["… with the compaction", round(cpuAll / gigabytes, 1), "", ""],
    );
    const grep = `zstd -dc \\| grep -c: ${round(plain.grepMs, 0)}`;
    for (const [name, query, boundMs] of QUERIES) {
      const { medianMs, answer } = await measure(url, query, startMs, endMs);
      rows.push([`${name}, ms (${answer})`, round(medianMs, 1), `≤ ${boundMs}`, grep]);
    }
    rows.push(["anonymous and shared memory after it, MB", round(memoryMb(server.pid), 0), "≤ 220", ""]);
  } finally {
    await server.stop();
  }
  process.stdout.write(`${corpus.lines.length} lines, ${round(corpus.bytes / 1e6, 1)} MB, seed ${seed}\n\n`);
  process.stdout.write(table(rows));
}

async function push(url: string, corpus: Corpus, startMs: number): Promise<void> {
  const { streams, of, lines } = corpus;
  for (let from = 0; from < lines.length; from += LINES_PER_PUSH) {
    const batch = new Map<number, { times: bigint[]; lines: Buffer[] }>();
    for (let i = from; i < Math.min(from + LINES_PER_PUSH, lines.length); i++) {
      let entries = batch.get(of[i]!);
      if (entries === undefined) batch.set(of[i]!, (entries = { times: [], lines: [] }));
      const timeMs = startMs + Math.floor((i / lines.length) * SPAN_MS);
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

async function post(url: string, body?: Buffer, headers: Record<string, string> = {}): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers,
    body: body === undefined ? null : new Uint8Array(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

async function measure(
  url: string,
  query: string,
  startMs: number,
  endMs: number,
): Promise<{ medianMs: number; answer: string }> {
  const parameters = new URLSearchParams({
    query,
    start: `${startMs}000000`,
    end: `${endMs + 60_000}000000`,
    limit: "1000",
    step: "60",
  });
  const times: number[] = [];
  let answer = "";
  for (let run = 0; run < RUNS; run++) {
    const begin = performance.now();
    const response = await fetch(`${url}/loki/api/v1/query_range?${parameters.toString()}`);
    const text = await response.text();
    times.push(performance.now() - begin);
    if (!response.ok) throw new Error(text);
    const { data } = JSON.parse(text) as { data: { result: { values: unknown[] }[] } };
    answer = `${data.result.reduce((sum, { values }) => sum + values.length, 0)} found`;
  }
  return { medianMs: times.sort((a, b) => a - b)[RUNS >> 1]!, answer };
}

/** Plain zstd over 2 MB blocks a stream, and a grep through it. */
function yardstick({ streams, of, lines, bytes }: Corpus): { ratio: number; cpu: number; grepMs: number } {
  const perStream = streams.map(() => [] as Buffer[]);
  const feed = Buffer.from("\n");
  for (let i = 0; i < lines.length; i++) perStream[of[i]!]!.push(lines[i]!, feed);
  const file = path.join(root, "plain.zst");
  fs.writeFileSync(file, "");
  let packed = 0;
  let cpu = 0;
  for (const parts of perStream) {
    const text = Buffer.concat(parts);
    for (let at = 0; at < text.length; at += BLOCK_BYTES) {
      const since = process.cpuUsage();
      const frame = zstdCompressSync(text.subarray(at, at + BLOCK_BYTES), {
        params: { [constants.ZSTD_c_compressionLevel]: 3 },
      });
      const { user, system } = process.cpuUsage(since);
      cpu += (user + system) / 1e6;
      packed += frame.length;
      fs.appendFileSync(file, frame);
    }
  }
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    const begin = performance.now();
    spawnSync("sh", ["-c", `zstd -dc ${file} | grep -c zebra-quagga-7141`]);
    times.push(performance.now() - begin);
  }
  return { ratio: bytes / packed, cpu, grepMs: times.sort((a, b) => a - b)[2]! };
}
