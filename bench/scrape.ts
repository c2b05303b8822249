/**
 * Scraping: targets that answer recorded expositions, once a second each, without compression. Prints CPU
 * seconds a million samples and memory afterwards.
 *
 *     node bench/scrape.ts [TARGETS] [SECONDS] [CONTESTANT …]     (100 and 60 by default)
 */
import { setTimeout as sleep } from "node:timers/promises";
import { contestants, start } from "./support/contestants.ts";
import { cpuSeconds, memoryMb, round, table } from "./support/measure.ts";
import { startTargets } from "./support/targets.ts";

const targetCount = Number(process.argv[2] ?? 100);
const seconds = Number(process.argv[3] ?? 60);
const wanted = process.argv.slice(4);
/** The first scrapes register series and warm up: what is measured begins after them. */
const WARM_UP_MS = 10_000;

process.stdout.write(`${targetCount} targets, each once a second for ${seconds} s\n\n`);
const rows: (string | number)[][] = [["", "samples", "CPU s per million", "memory MB"]];
for (const kind of contestants(wanted.length > 0 ? wanted : undefined)) {
  await using targets = await startTargets(targetCount);
  const contestant = await start(kind, { scrapeConfigs: scrapeConfigs(targets.ports) });
  try {
    const { pid } = contestant.process;
    await sleep(WARM_UP_MS);
    const samplesBefore = targets.samplesServed();
    const cpuBefore = cpuSeconds(pid);
    await sleep(seconds * 1000);
    const cpu = cpuSeconds(pid) - cpuBefore;
    const samples = targets.samplesServed() - samplesBefore;
    if (samples === 0) throw new Error(`${kind.name} scraped nothing`);
    rows.push([kind.name, samples, round(cpu / (samples / 1e6)), round(memoryMb(pid), 0)]);
  } finally {
    await contestant.stop();
  }
}
process.stdout.write(table(rows));

function scrapeConfigs(ports: readonly number[]): string {
  const addresses = ports.map((port) => `"127.0.0.1:${port}"`).join(", ");
  return `
  - job_name: fleet
    scrape_interval: 1s
    scrape_timeout: 1s
    static_configs:
      - targets: [${addresses}]
`;
}
