/** The half that stores, answers and alerts: both stores, the query workers, rules and notifications. */
import os from "node:os";
import path from "node:path";
import { MessageChannel } from "node:worker_threads";
import { AlertmanagerSender, Notifier, RuleManager } from "@binnacle/alerting";
import { LogStore } from "@binnacle/logs";
import { SYSTEM_CLOCK, type InstantQuerier, type Logger, type Meter } from "@binnacle/model";
import { MetricStore } from "@binnacle/tsdb";
import { formatListenAddress } from "../cli/listen-address.ts";
import type { Config } from "../config/config.ts";
import { MaintenanceLane } from "../maintenance/lane.ts";
import { CacheMeter, newCacheFigures } from "../query/cache-meter.ts";
import { QueryPool, type WorkerConnection } from "../query/pool.ts";
import { fromResultMessage, type ResultMessage } from "../query/result-message.ts";

/** How far back an instant selector looks, ms: Prometheus's own default. */
export const LOOKBACK_DELTA_MS = 300_000;

export interface ServerSideOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly meter: Meter;
}

export class ServerSide implements AsyncDisposable {
  readonly metrics: MetricStore;
  readonly logs: LogStore;
  readonly pool: QueryPool;
  readonly rules: RuleManager;
  readonly #notifier: Notifier;
  readonly #alertmanagers: AlertmanagerSender;
  readonly #maintenance: MaintenanceLane;

  private constructor(parts: {
    metrics: MetricStore;
    logs: LogStore;
    pool: QueryPool;
    rules: RuleManager;
    notifier: Notifier;
    alertmanagers: AlertmanagerSender;
    maintenance: MaintenanceLane;
  }) {
    this.metrics = parts.metrics;
    this.logs = parts.logs;
    this.pool = parts.pool;
    this.rules = parts.rules;
    this.#notifier = parts.notifier;
    this.#alertmanagers = parts.alertmanagers;
    this.#maintenance = parts.maintenance;
  }

  /**
   * Opens the stores (replaying what was not sealed), then starts rules: half a head would make alerts
   * resolve.
   */
  static async start({ config, logger, meter }: ServerSideOptions): Promise<ServerSide> {
    const externalUrl = config.externalUrl ?? `http://${formatListenAddress(config.listen)}`;
    const maintenance = new MaintenanceLane(logger);
    const common = { clock: SYSTEM_CLOCK, logger, meter };
    const [metrics, logs] = await Promise.all([
      MetricStore.open({
        ...common,
        dir: path.join(config.dataDir, "metrics"),
        retentionMs: config.metricsRetentionMs,
        // So that the alert on a full disk can be evaluated and told.
        essentialGroups: ["scrape/binnacle/", "rules/"],
        retentionBytes: config.metricsRetentionBytes,
        retentionBySelector: config.selectorRetentions,
        outOfOrderWindowMs: config.outOfOrderWindowMs,
        runJob: maintenance.metrics,
      }),
      LogStore.open({
        ...common,
        dir: path.join(config.dataDir, "logs"),
        retentionMs: config.logsRetentionMs,
        retentionBytes: config.logsRetentionBytes,
        retentionBySelector: config.streamRetentions,
        limits: { lineBytesMax: config.logLines.bytesMax },
        runJob: maintenance.logs,
      }),
    ]);
    const caches = new CacheMeter(meter);
    const size = Math.max(2, os.availableParallelism());
    // The last worker is the rules', who ask for no ranges.
    const cacheBytesMax = Math.floor(config.queryCacheBytesMax / (size - 1));
    const pool = new QueryPool({
      size,
      limits: config.queryLimits,
      connect: () => connectWorker({ metrics, logs, config, caches, cacheBytesMax }),
      logger,
      meter,
    });
    const notifier = await Notifier.open({
      ...common,
      dir: path.join(config.dataDir, "alerts"),
      config: config.notifications,
      externalUrl,
      externalLabels: config.externalLabels,
    });
    const alertmanagers = new AlertmanagerSender({
      ...common,
      alertmanagers: config.alertmanagers,
      externalLabels: config.externalLabels,
    });
    const rules = new RuleManager({
      ...common,
      querier: ruleQuerier(pool),
      sink: metrics,
      notify: (alerts) => {
        notifier.receive(alerts);
        alertmanagers.send(alerts);
      },
      externalLabels: config.externalLabels,
      externalUrl,
      evaluationIntervalMs: config.evaluationIntervalMs,
      queryOffsetMs: config.ruleQueryOffsetMs,
      lookbackDeltaMs: LOOKBACK_DELTA_MS,
    });
    rules.apply(config.ruleGroups);
    rules.start();
    return new ServerSide({ metrics, logs, pool, rules, notifier, alertmanagers, maintenance });
  }

  /** Applies changed rules and routes. */
  apply(config: Config): void {
    this.rules.apply(config.ruleGroups);
    this.#notifier.apply(config.notifications);
    this.#alertmanagers.apply(config.alertmanagers);
  }

  /** In the order of who writes to whom: rules and notifications end before the stores they use. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.rules.stop();
    await Promise.all([this.#notifier.stop(), this.#alertmanagers.stop(), this.pool[Symbol.asyncDispose]()]);
    await Promise.all([this.metrics.close(), this.logs.close()]);
    await this.#maintenance[Symbol.asyncDispose]();
  }
}

/** Rules ask through the lane that is kept for them. */
function ruleQuerier(pool: QueryPool): InstantQuerier {
  return {
    instant: async (query, timeMs) => {
      const message = await pool.run({ kind: "rule-instant", query, timeMs }, { isRule: true });
      return fromResultMessage(message as ResultMessage);
    },
  };
}

/** A worker reaches each store through a port of its own. */
function connectWorker(parts: {
  metrics: MetricStore;
  logs: LogStore;
  config: Config;
  caches: CacheMeter;
  cacheBytesMax: number;
}): WorkerConnection {
  const { metrics, logs, config, caches, cacheBytesMax } = parts;
  const cacheFigures = newCacheFigures();
  const watched = caches.watch(cacheFigures);
  const metricsChannel = new MessageChannel();
  const logsChannel = new MessageChannel();
  const served = [metrics.serve(metricsChannel.port1), logs.serve(logsChannel.port1)];
  return {
    setup: {
      metricsPort: metricsChannel.port2,
      logsPort: logsChannel.port2,
      features: [...config.features],
      lookbackDeltaMs: LOOKBACK_DELTA_MS,
      detectsLevel: config.logFields.discoversLevels,
      cacheBytesMax,
      cacheFigures,
    },
    onAnswer: watched.update,
    [Symbol.dispose]: () => {
      for (const end of served) end[Symbol.dispose]();
      watched[Symbol.dispose]();
      metricsChannel.port1.close();
      logsChannel.port1.close();
    },
  };
}
