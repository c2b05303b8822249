/**
 * The commands that ask a server, and those about expressions. What they do is imported once one of them
 * runs.
 */
import { Argument, Option, type Command } from "commander";
import { readFormat, readHttpUrl } from "./flag-values.ts";
import type { ExplainOptions } from "./explain.ts";
import type { QueryIo, QueryOptions } from "./query.ts";
import type { Terminal } from "./output/terminal.ts";

export interface CommandIo {
  readonly terminal: Terminal;
  readonly complain: (text: string) => void;
  /** All of standard input, for an expression that is `-`. */
  readonly readInput: () => Promise<string>;
}

const QUERY_EXAMPLES = `
Examples:
  binnacle query instant 'sum by (job) (up)'
  binnacle query range 'rate(node_cpu_seconds_total{mode="user"}[5m])' --since 6h
  binnacle query series '{job="node"}' --format csv
  binnacle query labels job

A person gets tables and charts, a pipe plain text. Exit codes: 0 done, 1 the server refused or is not there,
2 the command line makes no sense, 4 nothing found (with --fail-empty).`;

/** Where a server is, unless a flag says so. */
const SERVER_VARIABLE = "BINNACLE_SERVER";

export function addQueryCommands(program: Command, io: CommandIo): void {
  const query = program
    .command("query")
    .summary("ask a server: instant, range, series, labels")
    .description("Asks a server.")
    .addHelpText("after", QUERY_EXAMPLES);
  const parts = (): QueryIo => ({ ...io, nowMs: Date.now() });

  asking(query, "instant", "evaluates a PromQL expression at one time")
    .addArgument(expression())
    .addOption(new Option("--time <time>", "now, now-1h, Unix seconds or RFC 3339 (default: now)"))
    .action(async (text: string, options: QueryOptions) => {
      const { queryInstant } = await import("./query.ts");
      await queryInstant(await fromInput(text, io), options, parts());
    });
  ranging(asking(query, "range", "evaluates a PromQL expression over a range of time"))
    .addArgument(expression())
    .addOption(new Option("--step <duration>", "distance of the points (default: about 120 of them)"))
    .action(async (text: string, options: QueryOptions) => {
      const { queryRange } = await import("./query.ts");
      await queryRange(await fromInput(text, io), options, parts());
    });
  ranging(asking(query, "series", "lists the series that match"))
    .argument("<selectors...>", "PromQL selectors; a series need match only one")
    .action(async (selectors: string[], options: QueryOptions) => {
      const { querySeries } = await import("./query.ts");
      await querySeries(selectors, options, parts());
    });
  ranging(asking(query, "labels", "lists names of labels, or the values of one"))
    .argument("[name]", "a label")
    .action(async (name: string | undefined, options: QueryOptions) => {
      const { queryLabels } = await import("./query.ts");
      await queryLabels(name, options, parts());
    });
  addPromqlCommands(program, io);
}

function addPromqlCommands(program: Command, io: CommandIo): void {
  const promql = program
    .command("promql")
    .summary("format and explain PromQL expressions")
    .description("Formats and explains PromQL expressions; with --server by what evaluating them takes.");
  described(promql, "fmt", "prints an expression as the printer writes it")
    .addArgument(expression())
    .action(async (text: string) => {
      const { formatExpression } = await import("./promql.ts");
      formatExpression(await fromInput(text, io), io.terminal);
    });
  described(promql, "explain", "prints the tree of an expression, part by part")
    .addArgument(expression())
    .addOption(
      new Option("--server <url>", "a server that evaluates it: what each part takes").argParser(readHttpUrl),
    )
    .addOption(new Option("--since <duration>", "over a range to now (default: at one time)"))
    .addOption(new Option("--step <duration>", "distance of the points (default: about 120 of them)"))
    .action(async (text: string, options: ExplainOptions) => {
      const query = await fromInput(text, io);
      if (options.server === undefined) {
        const { explainExpression } = await import("./promql.ts");
        explainExpression(query, io.terminal);
        return;
      }
      const { explainOnServer } = await import("./explain.ts");
      await explainOnServer(query, { ...options, server: options.server }, { ...io, nowMs: Date.now() });
    });
}

function described(parent: Command, name: string, summary: string): Command {
  return parent
    .command(name)
    .summary(summary)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`);
}

function asking(parent: Command, name: string, summary: string): Command {
  return described(parent, name, summary)
    .addOption(
      new Option("--server <url>", "the server to ask")
        .env(SERVER_VARIABLE)
        .argParser(readHttpUrl)
        .default("http://127.0.0.1:7070"),
    )
    .addOption(new Option("--format <format>", "table, json or csv").argParser(readFormat).default("table"))
    .addOption(new Option("--limit <count>", "most series or names to answer with"))
    .addOption(new Option("--fail-empty", "exit with code 4 when nothing is found"));
}

function ranging(command: Command): Command {
  return command
    .addOption(new Option("--since <duration>", "how far back, for example 6h").conflicts("start"))
    .addOption(new Option("--start <time>", "now-6h, Unix seconds or RFC 3339"))
    .addOption(new Option("--end <time>", "as --start (default: now)"));
}

function expression(): Argument {
  return new Argument("<expression>", "PromQL, or - to read it from standard input");
}

async function fromInput(text: string, io: CommandIo): Promise<string> {
  return text === "-" ? (await io.readInput()).trim() : text;
}
