/**
 * `binnacle logstore …`: work on a log store that no process has open. Each command's work is imported late.
 */
import { Option, type Command } from "commander";
import { readCount, readTimeMs } from "./flag-values.ts";
import type { DataOption, DumpLogsOptions, ImportLogsOptions } from "./logstore-options.ts";

export function addLogstoreCommands(program: Command): void {
  const logstore = program
    .command("logstore")
    .summary("verify, analyze, dump and fill a log store")
    .description("Works on the logs of a data directory that no running process has open.");
  subcommand(logstore, "verify", "read every file and name what is damaged").action(
    async (options: DataOption) => (await import("./logstore-verify.ts")).verify(options.data),
  );
  subcommand(logstore, "analyze", "what takes the room: parts, streams, labels, days")
    .addOption(new Option("--limit <count>", "rows of each list").default(20).argParser(readCount))
    .action(async (options: DataOption & { limit: number }) =>
      (await import("./logstore-analyze.ts")).analyze(options.data, options.limit),
    );
  subcommand(logstore, "dump", "write lines to standard output, byte for byte")
    .addOption(
      new Option("--match <selector>", "streams to write; may be repeated (default: all)")
        .default([])
        .argParser(collect),
    )
    .addOption(new Option("--min-time <time>", "Unix seconds or RFC 3339").argParser(readTimeMs))
    .addOption(new Option("--max-time <time>", "Unix seconds or RFC 3339").argParser(readTimeMs))
    .addOption(
      new Option(
        "--format <form>",
        "exact: with stream, time and length; lines: nothing else; json: a line each",
      )
        .choices(["exact", "lines", "json"])
        .default("exact"),
    )
    .action(async (options: DumpLogsOptions) => (await import("./logstore-dump.ts")).dump(options));
  subcommand(logstore, "import", "take lines from a dump, from JSON lines or from plain text")
    .argument("<file>", "what dump wrote, a JSON document a line, or text")
    .addOption(
      new Option(
        "--label <name=value>",
        "label of a plain text's lines; may be repeated (default: job=import)",
      )
        .default([])
        .argParser(collect),
    )
    .addOption(new Option("--stream-fields <names>", "fields of JSON documents that make the stream"))
    .addOption(new Option("--time-field <name>", "the field of their time"))
    .addOption(new Option("--line-field <name>", "the field of their line"))
    .action(async (source: string, options: ImportLogsOptions) =>
      (await import("./logstore-import.ts")).importLogs(source, options),
    );
}

function subcommand(parent: Command, name: string, summary: string): Command {
  return parent
    .command(name)
    .summary(summary)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .addOption(new Option("--data <dir>", "the data directory").default("./data"));
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
