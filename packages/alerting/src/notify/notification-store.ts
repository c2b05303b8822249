/**
 * What notifications must not forget over a restart, in LMDB: the alerts that are active, and what was sent
 * to whom. docs/format/notification-log.md shows the records.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { openOrSetAside } from "@binnacle/lmdb-file";
import { FatalError, Labels, type Logger } from "@binnacle/model";
import type { Database, RootDatabase } from "lmdb";
import { z } from "zod";
import type { LogEntry } from "./dedup.ts";
import type { StoredAlert } from "./merge.ts";

const FORMAT_VERSION = 1;
const FILE_NAME = "notifications.mdb";

const texts = z.record(z.string(), z.string());
const alertRecord = z.object({
  labels: texts,
  annotations: texts,
  startsAtMs: z.number(),
  endsAtMs: z.number(),
  updatedAtMs: z.number(),
  generatorUrl: z.string(),
});
const logRecord = z.object({
  key: z.string(),
  sentAtMs: z.number(),
  expiresAtMs: z.number(),
  firing: z.array(z.string()),
  resolved: z.array(z.string()),
});

export class NotificationStore {
  readonly #environment: RootDatabase;
  readonly #alerts: Database<z.output<typeof alertRecord>, string>;
  readonly #log: Database<z.output<typeof logRecord>, string>;
  readonly #logger: Logger;

  private constructor(environment: RootDatabase, logger: Logger) {
    this.#environment = environment;
    this.#alerts = environment.openDB({ name: "alerts", encoding: "json" });
    this.#log = environment.openDB({ name: "log", encoding: "json" });
    this.#logger = logger;
  }

  /**
   * Opens the store in a folder, which is made if need be. A damaged file is put aside under another name,
   * told of, and begun anew: notifications that are repeated do less harm than none. Throws FatalError for
   * the file of a newer program.
   */
  static open(dir: string, logger: Logger): NotificationStore {
    const file = path.join(dir, FILE_NAME);
    const { environment } = openOrSetAside<unknown, string>(file, { maxDbs: 4, encoding: "json" }, logger);
    const version: unknown = environment.get("format");
    if (version === undefined) environment.putSync("format", FORMAT_VERSION);
    else if (version !== FORMAT_VERSION) {
      const found = `the notification log has format ${JSON.stringify(version)}`;
      const message = `${found}, this program reads ${FORMAT_VERSION}`;
      throw new FatalError(message, { path: file });
    }
    return new NotificationStore(environment, logger);
  }

  loadAlerts(): StoredAlert[] {
    const alerts: StoredAlert[] = [];
    for (const { key, value } of this.#alerts.getRange()) {
      const parsed = this.#parse(alertRecord, value, key);
      if (parsed === undefined) continue;
      alerts.push({
        ...parsed,
        fingerprint: key,
        labels: Labels.fromObject(parsed.labels),
        annotations: Labels.fromObject(parsed.annotations),
      });
    }
    return alerts;
  }

  /** By group and receiver, as `put` was given them. */
  loadLog(): Map<string, LogEntry> {
    const entries = new Map<string, LogEntry>();
    for (const { key, value } of this.#log.getRange()) {
      const parsed = this.#parse(logRecord, value, key);
      if (parsed === undefined) continue;
      const { key: logKey, ...entry } = parsed;
      entries.set(logKey, entry);
    }
    return entries;
  }

  #parse<T>(schema: z.ZodType<T>, value: unknown, key: string): T | undefined {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    this.#logger.error(
      { key, err: z.prettifyError(result.error) },
      "a record of the notification log is damaged",
    );
    return undefined;
  }

  /** Written soon; durable once `flush` says so. */
  putAlert(alert: StoredAlert): void {
    const { fingerprint, labels, annotations, startsAtMs, endsAtMs, updatedAtMs, generatorUrl } = alert;
    this.#write(
      this.#alerts.put(fingerprint, {
        labels: labels.toObject(),
        annotations: annotations.toObject(),
        startsAtMs,
        endsAtMs,
        updatedAtMs,
        generatorUrl,
      }),
    );
  }

  removeAlert(fingerprint: string): void {
    this.#write(this.#alerts.remove(fingerprint));
  }

  removeLogEntry(logKey: string): void {
    this.#write(this.#log.remove(recordKey(logKey)));
  }

  #write(committed: Promise<boolean>): void {
    committed.catch((error: unknown) => {
      this.#logger.error({ err: String(error) }, "writing to the notification log failed");
    });
  }

  /** Resolves once the entry, and all written before, are on disk. */
  async putLogEntry(logKey: string, entry: LogEntry): Promise<void> {
    await this.#log.put(recordKey(logKey), {
      key: logKey,
      sentAtMs: entry.sentAtMs,
      expiresAtMs: entry.expiresAtMs,
      firing: [...entry.firing],
      resolved: [...entry.resolved],
    });
    await this.#environment.flushed;
  }

  async close(): Promise<void> {
    await this.#environment.flushed;
    await this.#environment.close();
  }
}

/** LMDB's keys are short, and a group's key holds label values of any length. */
function recordKey(logKey: string): string {
  return createHash("sha256").update(logKey).digest("hex");
}
