/** The command line: the commands that start the program with their flags, and those that ask one. */
import { Command, Option } from "commander";
import { VERSION } from "../self/version.ts";
import {
  collectNames,
  readByteSize,
  readDuration,
  readHttpUrl,
  readListenAddress,
  readLogLevel,
} from "./flag-values.ts";
import { addLogstoreCommands } from "./logstore.ts";
import { addTsdbCommands } from "./tsdb.ts";
import type { Flags, LogLevel, Mode } from "./flags.ts";
import type { ListenAddress } from "./listen-address.ts";
import { addLogCommands } from "./log-commands.ts";
import { addQueryCommands, type CommandIo } from "./query-commands.ts";

/** Starts the program; the promise ends when it has stopped. */
export type Start = (mode: Mode, flags: Flags) => Promise<void>;

const DESCRIPTION = `Metrics, logs, alerts and dashboards in one process.

Run "binnacle up" and open http://127.0.0.1:7070: without configuration it
scrapes itself, reports this machine's cpu, memory, disks and network, tails
the logs it finds, and watches for the usual troubles.`;

const EXAMPLES = `
Examples:
  binnacle up                                  all in one process, data in ./data
  binnacle up --config prometheus.yml          with Prometheus's own configuration file
  binnacle serve --listen :7070 --data /var/lib/binnacle
  binnacle agent --forward http://binnacle:7070
  binnacle query range 'rate(node_network_receive_bytes_total[5m])' --since 6h

A configuration file is Prometheus's own, with Binnacle's settings under the key
binnacle. SIGHUP or POST /-/reload applies a changed file. Flags override it.`;

/**
 * The program with its commands. It prints nothing and ends no process by itself when a caller says so
 * (exitOverride).
 */
export function buildProgram(start: Start, io: CommandIo): Command {
  const program = new Command("binnacle")
    .description(DESCRIPTION)
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help, or a command's")
    .helpCommand("help [command]", "print a command's help")
    .showHelpAfterError("(see: binnacle --help)")
    .addHelpText("after", EXAMPLES)
    .configureHelp({ sortSubcommands: false });
  const up = command(program, "up", "server and agent in one process: what one machine needs", start);
  serverFlags(up);
  agentFlags(up);
  const serve = command(
    program,
    "serve",
    "the server: stores, queries, rules, notifications, the page",
    start,
  );
  serverFlags(serve);
  const agent = command(program, "agent", "the agent: scrapes, tails, and forwards to a server", start);
  agentFlags(agent);
  agent.addOption(
    new Option(
      "--forward <url>",
      "the Binnacle that gets everything, for example http://binnacle:7070",
    ).argParser(readHttpUrl),
  );
  addQueryCommands(program, io);
  addLogCommands(program, io);
  addTsdbCommands(program);
  addLogstoreCommands(program);
  return program;
}

function command(program: Command, mode: Mode, summary: string, start: Start): Command {
  const listen = mode === "agent" ? "127.0.0.1:7071" : "127.0.0.1:7070";
  const data = mode === "agent" ? "./agent-data" : "./data";
  return program
    .command(mode)
    .summary(summary)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .addOption(
      new Option("--config <file>", "YAML file: Prometheus's sections, Binnacle's own under binnacle:"),
    )
    .addOption(
      new Option("--listen <host:port>", `address to listen on (default: ${listen})`).argParser(
        readListenAddress,
      ),
    )
    .addOption(new Option("--data <dir>", `everything that is written is below it (default: ${data})`))
    .addOption(
      new Option("--log-level <level>", "debug, info, warn or error (default: info)").argParser(readLogLevel),
    )
    .addOption(
      new Option("--enable-feature <names>", "Prometheus's names of features; may be repeated").argParser(
        collectNames,
      ),
    )
    .addOption(hidden("--config.file <file>"))
    .addOption(hidden("--web.listen-address <host:port>").argParser(readListenAddress))
    .addOption(hidden("--storage.tsdb.path <dir>").conflicts("data"))
    .addOption(hidden("--storage.agent.path <dir>").conflicts("data"))
    .addOption(hidden("--log.level <level>").argParser(readLogLevel))
    .addOption(hidden("--web.enable-lifecycle"))
    .action((_options, self: Command) => start(mode, toFlags(self.opts<Options>())));
}

function serverFlags(command: Command): void {
  command
    .addOption(
      new Option("--retention <duration>", "how long metrics are kept (default: 15d)").argParser(
        readDuration,
      ),
    )
    .addOption(
      new Option(
        "--retention-size <size>",
        "bytes of metrics kept, the oldest go first (default: no bound)",
      ).argParser(readByteSize),
    )
    .addOption(
      new Option("--logs-retention <duration>", "how long logs are kept (default: 7d)").argParser(
        readDuration,
      ),
    )
    .addOption(
      new Option(
        "--logs-retention-size <size>",
        "bytes of logs kept, the oldest go first (default: no bound)",
      ).argParser(readByteSize),
    )
    .addOption(
      new Option("--external-url <url>", "URL under which people reach this server, for links").argParser(
        readHttpUrl,
      ),
    )
    .addOption(
      new Option("--cors-origin <regex>", "other origins whose pages may read the API (default: none)"),
    )
    .addOption(hidden("--web.cors.origin <regex>"))
    .addOption(hidden("--web.enable-admin-api"))
    .addOption(hidden("--storage.tsdb.retention.time <duration>").argParser(readDuration))
    .addOption(hidden("--storage.tsdb.retention.size <size>").argParser(readByteSize))
    .addOption(hidden("--web.external-url <url>").argParser(readHttpUrl));
}

function agentFlags(command: Command): void {
  command
    .addOption(new Option("--pod-logs <dir>", "where the kubelet keeps pods' logs (default: /var/log/pods)"))
    .addOption(
      new Option("--host-root <dir>", "where proc, sys and the root file system are found (default: /)"),
    );
}

/** A flag under Prometheus's name, so that a command line written for it works: read, not shown. */
function hidden(flags: string): Option {
  return new Option(flags).hideHelp();
}

/** By commander's names: a flag with dots in its name keeps them. */
interface Options {
  readonly config?: string;
  readonly "config.file"?: string;
  readonly listen?: ListenAddress;
  readonly "web.listenAddress"?: ListenAddress;
  readonly data?: string;
  readonly "storage.tsdb.path"?: string;
  readonly "storage.agent.path"?: string;
  readonly logLevel?: LogLevel;
  readonly "log.level"?: LogLevel;
  readonly enableFeature?: readonly string[];
  readonly retention?: number;
  readonly "storage.tsdb.retention.time"?: number;
  readonly retentionSize?: number;
  readonly "storage.tsdb.retention.size"?: number;
  readonly logsRetention?: number;
  readonly logsRetentionSize?: number;
  readonly externalUrl?: string;
  readonly "web.externalUrl"?: string;
  readonly "web.enableAdminApi"?: true;
  readonly "web.enableLifecycle"?: true;
  readonly corsOrigin?: string;
  readonly "web.cors.origin"?: string;
  readonly forward?: string;
  readonly podLogs?: string;
  readonly hostRoot?: string;
}

function toFlags(options: Options): Flags {
  return {
    config: options.config ?? options["config.file"],
    listen: options.listen ?? options["web.listenAddress"],
    data: options.data ?? options["storage.tsdb.path"] ?? options["storage.agent.path"],
    logLevel: options.logLevel ?? options["log.level"],
    features: options.enableFeature ?? [],
    metricsRetentionMs: options.retention ?? options["storage.tsdb.retention.time"],
    metricsRetentionBytes: options.retentionSize ?? options["storage.tsdb.retention.size"],
    logsRetentionMs: options.logsRetention,
    logsRetentionBytes: options.logsRetentionSize,
    externalUrl: options.externalUrl ?? options["web.externalUrl"],
    adminApi: options["web.enableAdminApi"],
    corsOrigin: options.corsOrigin ?? options["web.cors.origin"],
    lifecycle: options["web.enableLifecycle"],
    forward: options.forward,
    podLogs: options.podLogs,
    hostRoot: options.hostRoot,
  };
}
