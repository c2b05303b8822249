/**
 * Does memory depend on how much lies on disk? Gigabytes of messages go into a real `binnacle serve` over
 * Loki's push API, then all of them are searched and counted; the process's memory is looked at all the
 * while. The messages are a million recorded lines again and again, each time with other digits.
 *
 *     node bench/logs-large.ts [GB]     (1 by default)
 *
 * Needs the recorded logs and the corpus maker of BINNACLE_SHARED.
 */
import fs from "node:fs";
import path from "node:path";
import { seededRandom, type Random } from "@binnacle/model";
import { repositoryRoot } from "../test/support/places.ts";
import { freePort, RunningProcess, temporaryDir } from "../test/support/process.ts";
import { buildServer } from "../tools/build-server.ts";
import { ask, makeCorpus, post, pushCorpus, QUESTIONS, type Corpus } from "./support/log-load.ts";
import { cpuSeconds, diskBytes, memoryMb, round, table } from "./support/measure.ts";

const gigabytes = Number(process.argv[2] ?? 1);
const LINES = 1_000_000;
const RUNS = 5;
const SPAN_MS = 4 * 60 * 60_000;
const WATCH_MS = 100;
const DIGIT_0 = 0x30;

const root = temporaryDir();
try {
  const corpus = makeCorpus(root, LINES, 1);
  if (corpus === undefined) {
    process.stdout.write("the recorded logs of BINNACLE_SHARED are not here: nothing is measured\n");
  } else await bench(corpus);
} finally {
  fs.rmSync(root, { recursive: true, force: true });
}

async function bench(corpus: Corpus): Promise<void> {
  await buildServer();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const dataDir = path.join(root, "data");
  const config = path.join(root, "config.yml");
  fs.writeFileSync(config, "binnacle: { default_rules: false, self_scrape: { enabled: false } }\n");
  const server = await RunningProcess.start({
    file: path.join(repositoryRoot, "node_modules/.bin/binnacle"),
    args: ["serve", "--listen", `127.0.0.1:${port}`, "--data", dataDir, "--config", config],
    readyUrl: `${url}/-/ready`,
    cwd: root,
  });
  const rounds = Math.max(1, Math.round((gigabytes * 1e9) / corpus.bytes));
  const bytes = rounds * corpus.bytes;
  const endMs = Date.now() - 60_000;
  const startMs = endMs - SPAN_MS;
  const rows: (string | number)[][] = [["", "measured", "greatest memory meanwhile, MB"]];
  let greatestMb = 0;
  const watch = setInterval(() => (greatestMb = Math.max(greatestMb, memoryMb(server.pid))), WATCH_MS);
  const report = (name: string, measured: string): void => {
    rows.push([name, measured, round(greatestMb, 0)]);
    greatestMb = 0;
  };
  try {
    const random = seededRandom(1);
    const cpuBefore = cpuSeconds(server.pid);
    for (let i = 0; i < rounds; i++) {
      const spanMs = SPAN_MS / rounds;
      const changed = i === 0 ? corpus : { ...corpus, lines: withOtherDigits(corpus.lines, random) };
      await pushCorpus(url, changed, { startMs: startMs + i * spanMs, spanMs });
    }
    report("ingest, CPU s per GB", round((cpuSeconds(server.pid) - cpuBefore) / (bytes / 1e9), 1));
    await post(`${url}/api/v1/admin/logs/compact`);
    report("messages : disk after a compaction", round(bytes / diskBytes(dataDir)));
    const range = { startMs, endMs: endMs + 60_000, runs: RUNS };
    for (const { name, query } of QUESTIONS) {
      const { medianMs, found } = await ask(url, (run) => query(run), range);
      report(`${name}, ms (${found} found)`, round(medianMs, 1));
    }
    rows.push(["memory in the end, MB", round(memoryMb(server.pid), 0), ""]);
  } finally {
    clearInterval(watch);
    await server.stop();
  }
  process.stdout.write(`${rounds * LINES} lines, ${round(bytes / 1e9)} GB of messages\n\n${table(rows)}`);
}

/** The same lines with their digits exchanged for others, each digit always for the same. */
function withOtherDigits(lines: readonly Buffer[], random: Random): Buffer[] {
  const digits = Array.from({ length: 10 }, (_, digit) => digit);
  // The first stays: a number that begins with a zero would be of another kind.
  for (let i = 9; i > 1; i--) {
    const k = 1 + random.below(i);
    [digits[i], digits[k]] = [digits[k]!, digits[i]!];
  }
  return lines.map((line) => {
    const changed = Buffer.allocUnsafe(line.length);
    for (let i = 0; i < line.length; i++) {
      const digit = line[i]! - DIGIT_0;
      changed[i] = digit >= 0 && digit <= 9 ? DIGIT_0 + digits[digit]! : line[i]!;
    }
    return changed;
  });
}
