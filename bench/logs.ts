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
import { repositoryRoot } from "../test/support/places.ts";
import { freePort, RunningProcess, temporaryDir } from "../test/support/process.ts";
import { buildServer } from "../tools/build-server.ts";
import { ask, makeCorpus, post, pushCorpus, QUESTIONS, type Corpus } from "./support/log-load.ts";
import { cpuSeconds, diskBytes, memoryMb, round, table } from "./support/measure.ts";

const lineCount = Number(process.argv[2] ?? 1_000_000);
const seed = Number(process.argv[3] ?? 1);
const RUNS = 15;
const SPAN_MS = 60 * 60_000;
const BLOCK_BYTES = 2 * 1024 * 1024;

const root = temporaryDir();
try {
  const corpus = makeCorpus(root, lineCount, seed);
  if (corpus === undefined) {
    process.stdout.write("the recorded logs of BINNACLE_SHARED are not here: nothing is measured\n");
  } else await bench(corpus);
} finally {
  fs.rmSync(root, { recursive: true, force: true });
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
    await pushCorpus(url, corpus, { startMs, spanMs: SPAN_MS });
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
    const range = { startMs, endMs: endMs + 60_000, runs: RUNS };
    for (const { name, query, boundMs } of QUESTIONS) {
      const { medianMs, found } = await ask(url, () => query(), range);
      rows.push([`${name}, ms (${found} found)`, round(medianMs, 1), `≤ ${boundMs}`, grep]);
      if (query(1) === query(2)) continue;
      const fresh = await ask(url, (run) => query(1000 + run), range);
      rows.push(["… another one each time, ms", round(fresh.medianMs, 1), "", ""]);
    }
    rows.push(["anonymous and shared memory after it, MB", round(memoryMb(server.pid), 0), "≤ 220", ""]);
  } finally {
    await server.stop();
  }
  process.stdout.write(`${corpus.lines.length} lines, ${round(corpus.bytes / 1e6, 1)} MB, seed ${seed}\n\n`);
  process.stdout.write(table(rows));
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
