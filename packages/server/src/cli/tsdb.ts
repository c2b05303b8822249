/**
 * `binnacle tsdb …`: work on a metrics store that no process has open. Each command's work is imported late.
 */
import { Option, type Command } from "commander";
import { readCount, readTimeMs } from "./flag-values.ts";
import type { DataOption, DumpOptions } from "./tsdb-options.ts";

export function addTsdbCommands(program: Command): void {
  const tsdb = program
    .command("tsdb")
    .summary("verify, analyze, dump and fill a metrics store")
    .description("Works on the metrics of a data directory that no running process has open.");
  subcommand(tsdb, "verify", "read every file and name what is damaged").action(async (options: DataOption) =>
    (await import("./tsdb-verify.ts")).verify(options.data),
  );
  subcommand(tsdb, "analyze", "what takes the room: blocks, metrics, labels")
    .addOption(new Option("--limit <count>", "rows of each list").default(20).argParser(readCount))
    .action(async (options: DataOption & { limit: number }) =>
      (await import("./tsdb-analyze.ts")).analyze(options.data, options.limit),
    );
  subcommand(tsdb, "dump", "write samples to standard output as OpenMetrics text")
    .addOption(
      new Option("--match <selector>", "series to write; may be repeated (default: all)")
        .default([])
        .argParser((text: string, before: readonly string[]) => [...before, text]),
    )
    .addOption(new Option("--min-time <time>", "Unix seconds or RFC 3339").argParser(readTimeMs))
    .addOption(new Option("--max-time <time>", "Unix seconds or RFC 3339").argParser(readTimeMs))
    .action(async (options: DumpOptions) => (await import("./tsdb-dump.ts")).dump(options));
  subcommand(tsdb, "import", "take samples from OpenMetrics text or from Prometheus's blocks")
    .argument("<source>", "a file of text, a block's folder, or a folder of blocks")
    .action(async (source: string, options: DataOption) =>
      (await import("./tsdb-import.ts")).importInto(options.data, source),
    );
}

function subcommand(parent: Command, name: string, summary: string): Command {
  return parent
    .command(name)
    .summary(summary)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .addOption(new Option("--data <dir>", "the data directory").default("./data"));
}
