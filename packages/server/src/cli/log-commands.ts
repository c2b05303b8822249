/** The commands about lines: `logs`, for watching pods, and `query logs`, for LogQL. */
import { Option, type Command } from "commander";
import { readHttpUrl } from "./flag-values.ts";
import type { LogsOptions } from "./logs.ts";
import type { CommandIo } from "./query-commands.ts";
import type { QueryLogsOptions } from "./query-logs.ts";

interface LogsAliases {
  readonly include?: readonly string[];
  readonly e?: readonly string[];
}

const LOGS_EXAMPLES = `
Examples:
  binnacle logs -f checkout                     follows pods whose name has checkout in it
  binnacle logs -l app=shop,namespace=prod --since 15m --grep error -v healthz
  binnacle logs '{job="syslog"} | logfmt | level="warn"' --tail 500 -o raw
  binnacle logs -f -H 'order-[0-9]+' -o json | jq .line`;

export function addLogCommands(program: Command, io: CommandIo): void {
  const logs = program
    .command("logs")
    .summary("show and follow lines, by pod")
    .description("Shows lines, and with -f goes on with new ones as they come.")
    .argument("[pod]", "part of pods' names (a regular expression), or LogQL that begins with { or a quote")
    .addHelpText("after", LOGS_EXAMPLES)
    .addOption(new Option("-f, --follow", "go on with new lines"))
    .addOption(new Option("-l, --selector <labels>", "label=value, apart by commas; != =~ !~ too"))
    .addOption(new Option("-n, --namespace <name>", "only pods of this namespace"))
    .addOption(new Option("-c, --container <name>", "only this container"))
    .addOption(new Option("-s, --since <duration>", "how far back (default: 1h)"))
    .addOption(
      new Option("--since-time <time>", "from then on: RFC 3339, Unix seconds, now-6h").conflicts("since"),
    )
    .addOption(new Option("-A, --all-namespaces", "pods of all namespaces, which is so without -n"))
    .addOption(
      new Option("--tail <count>", "newest lines to begin with (default: 100; -1: as many as allowed)"),
    )
    .addOption(new Option("-i, --grep <regex>", "only lines that match; may be repeated").argParser(collect))
    .addOption(new Option("--include <regex>", "as --grep").argParser(collect))
    .addOption(new Option("-v, --exclude <regex>", "no lines that match; may be repeated").argParser(collect))
    .addOption(new Option("-e <regex>", "as --exclude").argParser(collect))
    .addOption(new Option("-H, --highlight <regex>", "mark what matches"))
    .addOption(new Option("-t, --timestamps", "show times"));
  outputs(logs).action(async (pod: string | undefined, options: LogsOptions & LogsAliases) => {
    const { showLogs } = await import("./logs.ts");
    await showLogs(pod, withAliases(options), { ...io, nowMs: Date.now() });
  });

  const query = program.commands.find((command) => command.name() === "query") ?? program;
  const lines = query
    .command("logs")
    .summary("evaluates a LogQL query")
    .description("Evaluates a LogQL query over a range of time, on a server or on standard input.")
    .argument("<query>", "LogQL")
    .addOption(new Option("--stdin", "query the lines of standard input, without a server"))
    .addOption(new Option("--since <duration>", "how far back (default: 1h)"))
    .addOption(new Option("--start <time>", "now-6h, Unix seconds or RFC 3339"))
    .addOption(new Option("--end <time>", "as --start (default: now)"))
    .addOption(new Option("--limit <count>", "most lines (default: 100)"))
    .addOption(new Option("--step <duration>", "distance of a metric query's points"))
    .addOption(new Option("--forward", "the oldest lines first"))
    .addOption(new Option("-t, --timestamps", "show times"));
  outputs(lines).action(async (text: string, options: QueryLogsOptions) => {
    const { queryLogs } = await import("./query-logs.ts");
    await queryLogs(text, options, { ...io, nowMs: Date.now() });
  });
}

/** stern's names of what are grep's. */
function withAliases(options: LogsOptions & LogsAliases): LogsOptions {
  const { include = [], e = [], ...rest } = options;
  return { ...rest, grep: [...(rest.grep ?? []), ...include], exclude: [...(rest.exclude ?? []), ...e] };
}

function outputs(command: Command): Command {
  return command
    .addOption(
      new Option("-o, --output <form>", "how lines are printed")
        .choices(["default", "raw", "json"])
        .default("default"),
    )
    .addOption(new Option("--color <when>", "colours").choices(["auto", "always", "never"]).default("auto"))
    .addOption(
      new Option("--server <url>", "the server to ask")
        .env("BINNACLE_SERVER")
        .argParser(readHttpUrl)
        .default("http://127.0.0.1:7070"),
    );
}

function collect(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}
