/** One running program: its HTTP server, and the halves that its mode asks for. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import type { LogForwarder, MetricForwarder, TargetStatus } from "@binnacle/agent";
import {
  BinnacleError,
  SYSTEM_CLOCK,
  type Counter,
  type LogSink,
  type Logger,
  type MetricSink,
} from "@binnacle/model";
import type { FastifyInstance } from "fastify";
import { buildApp, type AppOptions } from "../app/app.ts";
import type { Config } from "../config/config.ts";
import { LineCutter } from "../ingest/line-cutter.ts";
import { LokiPushReceiver } from "../ingest/loki-push.ts";
import { MetricAppender, pushRejections } from "../ingest/metric-appender.ts";
import { SyslogListener, type SyslogListenerOptions } from "../ingest/syslog-listener.ts";
import { syslogMetrics } from "../ingest/syslog-metrics.ts";
import { OtlpMetricsReceiver } from "../ingest/otlp-metrics.ts";
import { RemoteWriteReceiver } from "../ingest/remote-write.ts";
import { settingsThatNeedRestart } from "../config/restart.ts";
import type { PromMeter } from "../self/meter.ts";
import { AgentSide } from "./agent-side.ts";
import { relabelStepsOf, scrapePoolNames, scrapePoolYaml } from "./discovery.ts";
import { featuresData } from "./features.ts";
import { Notices } from "./notices.ts";
import { LOOKBACK_DELTA_MS, ServerSide } from "./server-side.ts";
import {
  blocksData,
  cardinalityData,
  flagsData,
  replayData,
  ruleGroupsData,
  runtimeInfo,
  targetsData,
} from "./status.ts";

export interface ProgramOptions {
  readonly config: Config;
  /** Reads the configuration anew. Throws with all its mistakes. */
  readonly load: () => Promise<Config>;
  readonly logger: Logger;
  readonly meter: PromMeter;
}

type State = "starting" | "ready" | "stopping";

interface Forwarders {
  readonly metrics: MetricForwarder;
  readonly logs: LogForwarder;
}

/**
 * Where an agent sends what it collects when nobody says: a server with its default address on the same
 * machine.
 */
const FORWARD_DEFAULT = "http://127.0.0.1:7070";

const RELOAD_FAILED = "Configuration reload has failed.";
const STOPPING = "The server is shutting down and gracefully stopping all operations.";

const UI_DIR = path.resolve(import.meta.dirname, "../../../ui/dist");

export class Program {
  readonly #logger: Logger;
  readonly #meter: PromMeter;
  readonly #load: () => Promise<Config>;
  readonly #startedAtMs = SYSTEM_CLOCK.nowMs();
  readonly #notices = new Notices(SYSTEM_CLOCK);
  #config: Config;
  #configLoadedAtMs = SYSTEM_CLOCK.nowMs();
  #isReloadGood = true;
  #state: State = "starting";
  #app: FastifyInstance | undefined;
  #server: ServerSide | undefined;
  #agent: AgentSide | undefined;
  #forwarders: Forwarders | undefined;
  #remoteWrite: RemoteWriteReceiver | undefined;
  #lokiPush: LokiPushReceiver | undefined;
  #pushes: MetricAppender | undefined;
  readonly #pushRejections: Counter;
  #syslog: readonly SyslogListener[] = [];
  #lineCutter: LineCutter | undefined;
  #reloading: Promise<void> = Promise.resolve();

  constructor(options: ProgramOptions) {
    this.#config = options.config;
    this.#load = options.load;
    this.#logger = options.logger;
    this.#meter = options.meter;
    this.#pushRejections = pushRejections(options.meter);
  }

  /** Listens; what needs a store answers 503 until start() is done. Returns the address as people type it. */
  async listen(): Promise<string> {
    const server = (): ServerSide => this.#need(this.#server, "the server half");
    this.#app = await buildApp({
      logger: this.#logger,
      uiDir: UI_DIR,
      life: {
        unreadyReason: () => (this.#state === "ready" ? undefined : this.#state),
        reload: () => this.reload(),
        mayQuit: this.#config.lifecycle,
        quit: () => process.kill(process.pid, "SIGTERM"),
      },
      origins: { allowed: this.#config.corsOrigin },
      admin: this.#adminOptions(server),
      store: {
        meter: this.#meter,
        blocks: () => blocksData(server().metrics.blocks()),
        replay: () => replayData(this.#server),
        features: () => featuresData(this.#config),
      },
      notices: this.#notices,
      status: {
        features: this.#config.features,
        targets: () => {
          const targets = this.#agent?.targets() ?? [];
          return targetsData(targets, scrapePoolNames(this.#config, targets));
        },
        ruleGroups: () => ruleGroupsData(server().rules.groups()),
        metadata: (metric) => server().metrics.metadata(metric),
        configYaml: () => this.#config.yaml,
        flags: () => flagsData(this.#config),
        runtime: () =>
          runtimeInfo({
            startedAtMs: this.#startedAtMs,
            config: this.#config,
            configLoadedAtMs: this.#configLoadedAtMs,
            isReloadGood: this.#isReloadGood,
            server: this.#server,
          }),
        cardinality: (limit) => {
          const { metrics: store } = server();
          return cardinalityData(store.cardinality(limit), store.stats());
        },
      },
      query: this.#queryOptions(server),
      ingest: {
        metrics: () =>
          (this.#remoteWrite ??= new RemoteWriteReceiver(this.#metricSink(), this.#pushRejections)),
        logs: () => this.#logPushes(),
        otlpMetrics: () => new OtlpMetricsReceiver(this.#metricPushes(), this.#config.otlp),
        pushes: () => this.#metricPushes(),
        nowMs: () => SYSTEM_CLOCK.nowMs(),
      },
      tail: {
        subscribe: (listener) => server().logs.subscribe(listener),
        detectsLevel: this.#config.logFields.discoversLevels,
        pool: () => server().pool,
        dropped: this.#meter.counter({
          name: "binnacle_tail_dropped_lines_total",
          help: "Lines that live tails lost since their clients read too slowly.",
        }),
      },
    });
    const { host, port } = this.#config.listen;
    return this.#app.listen({ host, port });
  }

  async start(): Promise<void> {
    const { mode } = this.#config;
    const parts = { config: this.#config, logger: this.#logger, meter: this.#meter };
    if (mode !== "agent") this.#server = await ServerSide.start(parts);
    else this.#forwarders = await this.#startForwarders();
    if (mode !== "serve") {
      this.#agent = AgentSide.start({
        ...parts,
        metrics: this.#metricSink(),
        logs: this.#logSink(),
        ownLogFile: path.join(this.#config.dataDir, "binnacle.log"),
      });
    }
    if (this.#config.syslog.length > 0) this.#syslog = await this.#startSyslog();
    this.#state = "ready";
  }

  /**
   * Applies a changed configuration, one reload after the other. Throws its mistakes and leaves everything as
   * it was.
   */
  reload(): Promise<void> {
    const next = this.#reloading.then(() => this.#reload());
    this.#reloading = next.catch(() => undefined);
    return next;
  }

  /** Stops what collects, then what notifies and answers, then the stores. */
  async stop(): Promise<void> {
    this.#state = "stopping";
    this.#notices.raise(STOPPING);
    await this.#reloading;
    await Promise.all(this.#syslog.map((listener) => listener[Symbol.asyncDispose]()));
    await this.#app?.close();
    await this.#agent?.[Symbol.asyncDispose]();
    await this.#forwarders?.metrics.stop();
    await this.#forwarders?.logs.stop();
    await this.#server?.[Symbol.asyncDispose]();
  }

  async #reload(): Promise<void> {
    try {
      if (this.#state !== "ready") throw new BinnacleError("UNAVAILABLE", `not ready: ${this.#state}`);
      const config = await this.#load();
      for (const warning of config.warnings) this.#logger.warn({}, warning);
      for (const setting of settingsThatNeedRestart(this.#config, config)) {
        this.#logger.warn({ setting }, "a changed setting holds from the next start on");
      }
      this.#server?.apply(config);
      this.#agent?.apply(config);
      this.#config = config;
      this.#configLoadedAtMs = SYSTEM_CLOCK.nowMs();
      this.#isReloadGood = true;
      this.#notices.withdraw(RELOAD_FAILED);
      this.#logger.info({}, "configuration reloaded");
    } catch (error) {
      this.#isReloadGood = false;
      this.#notices.raise(RELOAD_FAILED);
      this.#logger.error({ err: String(error) }, "configuration not reloaded: the one before stays in force");
      throw error;
    }
  }

  #adminOptions(server: () => ServerSide): AppOptions["admin"] {
    return {
      features: this.#config.features,
      isEnabled: this.#config.adminApi,
      compactMetrics: () => server().metrics.compact(),
      compactLogs: () => server().logs.compact(),
      deleteSeries: (selectors, range) => server().metrics.deleteSeries(selectors, range),
      cleanTombstones: () => server().metrics.cleanTombstones(),
      deleteLines: (query, range) => void server().logs.deleteLines(query, range),
      deletions: () => server().logs.deletions(),
      cancelDeletion: (id, cancelling) => server().logs.cancelDeletion(id, cancelling),
      cleanLogDeletions: () => server().logs.cleanDeletions(),
      // A data directory of its own, so that `binnacle up --data` starts on it.
      snapshot: async (options) => {
        const name = snapshotName();
        const target = path.join(this.#config.dataDir, "snapshots", name, "metrics");
        await server().metrics.snapshot(target, options);
        return name;
      },
      snapshotLogs: async (name = snapshotName()) => {
        await server().logs.snapshot(path.join(this.#config.dataDir, "snapshots", name, "logs"));
        return name;
      },
    };
  }

  #queryOptions(server: () => ServerSide): AppOptions["query"] {
    const targets = (): readonly TargetStatus[] => this.#agent?.targets() ?? [];
    return {
      pool: () => server().pool,
      features: this.#config.features,
      lookbackDeltaMs: LOOKBACK_DELTA_MS,
      externalLabels: () => this.#config.externalLabels.toObject(),
      exemplars: (selectors, range) => server().metrics.exemplars(selectors, range),
      metadata: (metric) => server().metrics.metadata(metric),
      targetLabels: () => targets().flatMap((it) => (it.state === "active" ? [it.labels] : [])),
      scrapePools: () => scrapePoolNames(this.#config, targets()),
      scrapePoolConfig: (name) => scrapePoolYaml(name, this.#config, targets()),
      relabelSteps: (name, labels) => relabelStepsOf(this.#config.scrapeConfigs, name, labels),
      alertmanagerUrls: () => this.#config.alertmanagers.map(({ url }) => url),
    };
  }

  #logPushes(): LokiPushReceiver {
    return (this.#lokiPush ??= new LokiPushReceiver(this.#logSink(), this.#config.logFields));
  }

  /** What all pushes but remote write go through. */
  #metricPushes(): MetricAppender {
    return (this.#pushes ??= new MetricAppender(this.#metricSink(), this.#pushRejections));
  }

  #metricSink(): MetricSink {
    return this.#need(this.#server?.metrics ?? this.#forwarders?.metrics, "metrics");
  }

  #logSink(): LogSink {
    const sink = this.#need(this.#server?.logs ?? this.#forwarders?.logs, "logs");
    const { bytesMax, isCut } = this.#config.logLines;
    if (!isCut) return sink;
    return (this.#lineCutter ??= new LineCutter(sink, { bytesMax, meter: this.#meter }));
  }

  #need<T>(part: T | undefined, what: string): T {
    if (part !== undefined && this.#state !== "stopping") return part;
    if (this.#config.mode === "agent") {
      throw new BinnacleError("UNAVAILABLE", `${what}: not in this process, which is an agent only`);
    }
    throw new BinnacleError("UNAVAILABLE", `${what}: the program is ${this.#state}`);
  }

  #startSyslog(): Promise<SyslogListener[]> {
    const metrics = syslogMetrics(this.#meter);
    const store: SyslogListenerOptions["store"] = (push) => this.#logPushes().store(push);
    return Promise.all(
      this.#config.syslog.map((config) =>
        SyslogListener.start({ config, store, clock: SYSTEM_CLOCK, logger: this.#logger, metrics }),
      ),
    );
  }

  /** An agent's sinks: queues on disk that a sender empties towards the server. */
  async #startForwarders(): Promise<Forwarders> {
    const { LogForwarder, MetricForwarder } = await import("@binnacle/agent/forward");
    const { forward, dataDir } = this.#config;
    if (forward === undefined)
      this.#logger.info({ url: FORWARD_DEFAULT }, "no server is named: sending to the local one");
    const common = { url: forward ?? FORWARD_DEFAULT, logger: this.#logger, meter: this.#meter };
    const forwarders = {
      metrics: new MetricForwarder({ ...common, directory: path.join(dataDir, "forward-metrics") }),
      logs: new LogForwarder({ ...common, directory: path.join(dataDir, "forward-logs") }),
    };
    forwarders.metrics.start();
    forwarders.logs.start();
    return forwarders;
  }
}

function snapshotName(): string {
  const moment = new Date(SYSTEM_CLOCK.nowMs()).toISOString().replaceAll(/[-:.]/g, "");
  return `${moment}-${randomBytes(4).toString("hex")}`;
}
