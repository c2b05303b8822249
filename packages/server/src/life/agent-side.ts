/**
 * The half that collects: scraping, the host, and log files. Where it sends what it finds is not its concern.
 */
import os from "node:os";
import path from "node:path";
import {
  HostCollector,
  LogTailer,
  resolveScrapeConfig,
  ScrapeManager,
  scrapeConfigSchema,
  type ScrapeConfig,
  type TailSource,
  type TargetStatus,
} from "@binnacle/agent";
import { type LogSink, type Logger, type Meter, type MetricSink } from "@binnacle/model";
import { formatListenAddress } from "../cli/listen-address.ts";
import type { Config, LogSourcesConfig } from "../config/config.ts";

export interface AgentSideOptions {
  readonly config: Config;
  readonly metrics: MetricSink;
  readonly logs: LogSink;
  readonly logger: Logger;
  readonly meter: Meter;
  /** The program's own log file, which is tailed like any other. */
  readonly ownLogFile: string;
}

export class AgentSide implements AsyncDisposable {
  readonly #scraping: ScrapeManager;
  readonly #tailer: LogTailer;

  private constructor(scraping: ScrapeManager, tailer: LogTailer) {
    this.#scraping = scraping;
    this.#tailer = tailer;
  }

  static start(options: AgentSideOptions): AgentSide {
    const { config, metrics, logs, logger, meter } = options;
    const { host, logSources } = config;
    const scraping = new ScrapeManager({ sink: metrics, logger, meter });
    if (host.enabled) {
      const { root: hostRoot, intervalMs } = host;
      scraping.addCollector(new HostCollector({ hostRoot, intervalMs, instance: os.hostname(), logger }));
    }
    scraping.apply(jobsOf(config));
    const tailer = new LogTailer({
      sources: tailSources(logSources, logSources.own ? options.ownLogFile : undefined),
      sink: logs,
      checkpointDir: path.join(config.dataDir, "tail"),
      logger,
      meter,
    });
    tailer.start();
    return new AgentSide(scraping, tailer);
  }

  /** Applies changed jobs; jobs that stay keep their targets' series. */
  apply(config: Config): void {
    this.#scraping.apply(jobsOf(config));
  }

  targets(): readonly TargetStatus[] {
    return this.#scraping.targets();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#scraping.stop(), this.#tailer.stop()]);
  }
}

function tailSources(sources: LogSourcesConfig, ownLogFile: string | undefined): readonly TailSource[] {
  const { podLogs, containerLogs, dockerLogs, files } = sources;
  const found: TailSource[] = [];
  // The host is called the same on its metrics and on its lines, so that one leads to the other.
  const host = os.hostname();
  const ofPod = { node: host };
  const ofHost = { instance: host };
  if (podLogs !== undefined) found.push({ kind: "pods", directory: podLogs, labels: ofPod });
  if (containerLogs !== undefined) {
    const unless = podLogs ?? containerLogs;
    found.push({ kind: "containers", directory: containerLogs, unless, labels: ofPod });
  }
  if (dockerLogs !== undefined) found.push({ kind: "docker", directory: dockerLogs, labels: ofPod });
  if (ownLogFile !== undefined) {
    found.push({ kind: "files", paths: [ownLogFile], job: OWN_JOB, labels: ofHost });
  }
  for (const { paths, exclude, labels, syslogDates } of files) {
    found.push({
      kind: "files",
      paths,
      exclude,
      job: "varlogs",
      labels: { ...ofHost, ...labels.toObject() },
      syslogDates,
    });
  }
  return found;
}

/** The job under which the program scrapes itself. A job of the user's with this name takes its place. */
const OWN_JOB = "binnacle";

function jobsOf(config: Config): readonly ScrapeConfig[] {
  const { scrapeConfigs, selfScrape, listen } = config;
  if (!selfScrape.enabled || scrapeConfigs.some((job) => job.jobName === OWN_JOB)) return scrapeConfigs;
  const own = scrapeConfigSchema.parse({
    job_name: OWN_JOB,
    static_configs: [{ targets: [formatListenAddress({ ...listen, host: reachable(listen.host) })] }],
  });
  const intervals = { scrape_interval: selfScrape.intervalMs, scrape_timeout: selfScrape.intervalMs };
  return [resolveScrapeConfig(own, intervals), ...scrapeConfigs];
}

/** An address to reach oneself by: one that listens everywhere is reached on loopback. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
