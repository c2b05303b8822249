/**
 * What notifications must not forget over a restart, in LMDB: the alerts that are active, and what was sent
 * to whom. docs/format/notification-log.md shows the records.
 */
import { createHash } from "node:crypto";
import path from "node:path";
import { closeEnvironment, commit, openOrSetAside } from "@binnacle/lmdb-file";
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
  readonly #path: string;
  readonly #environment: RootDatabase;
  readonly #alerts: Database<z.output<typeof alertRecord>, string>;
  readonly #log: Database<z.output<typeof logRecord>, string>;
  readonly #logger: Logger;
  /** The newest of each record not written yet: what a full disk refused waits for the next write. */
  readonly #pending = new Map<string, () => Promise<boolean>>();
  #running: Promise<void> | undefined;

  private constructor(path: string, environment: RootDatabase, logger: Logger) {
    this.#path = path;
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
    return new NotificationStore(file, environment, logger);
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

  /** Written soon; where the disk is full, with the first write that it has room for. */
  putAlert(alert: StoredAlert): void {
    const { fingerprint, labels, annotations, startsAtMs, endsAtMs, updatedAtMs, generatorUrl } = alert;
    const record = {
      labels: labels.toObject(),
      annotations: annotations.toObject(),
      startsAtMs,
      endsAtMs,
      updatedAtMs,
      generatorUrl,
    };
    void this.#write(`alert ${fingerprint}`, () => this.#alerts.put(fingerprint, record));
  }

  removeAlert(fingerprint: string): void {
    void this.#write(`alert ${fingerprint}`, () => this.#alerts.remove(fingerprint));
  }

  removeLogEntry(logKey: string): void {
    const key = recordKey(logKey);
    void this.#write(`log ${key}`, () => this.#log.remove(key));
  }

  /**
   * Resolves once the entry, and all written before, are on disk; or once they could not be written, which is
   * logged: they are then written with the next.
   */
  async putLogEntry(logKey: string, entry: LogEntry): Promise<void> {
    const key = recordKey(logKey);
    const record = {
      key: logKey,
      sentAtMs: entry.sentAtMs,
      expiresAtMs: entry.expiresAtMs,
      firing: [...entry.firing],
      resolved: [...entry.resolved],
    };
    await this.#write(`log ${key}`, () => this.#log.put(key, record));
  }

  #write(record: string, write: () => Promise<boolean>): Promise<void> {
    this.#pending.set(record, write);
    return (this.#running ??= this.#writePending());
  }

  /** Never rejects. One commit takes all that came while the one before it was under way. */
  async #writePending(): Promise<void> {
    while (this.#pending.size > 0) {
      const writes = [...this.#pending];
      this.#pending.clear();
      try {
        await commit(this.#path, this.#environment, () => writes.map(([, write]) => write()));
        await this.#environment.flushed;
      } catch (error) {
        for (const [record, write] of writes) {
          if (!this.#pending.has(record)) this.#pending.set(record, write);
        }
        this.#logger.error({ err: String(error) }, "writing to the notification log failed");
        break;
      }
    }
    this.#running = undefined;
  }

  /** Tries once more to write what could not be written. */
  async close(): Promise<void> {
    await this.#running;
    await this.#writePending();
    await closeEnvironment(this.#environment);
  }
}

/** LMDB's keys are short, and a group's key holds label values of any length. */
function recordKey(logKey: string): string {
  return createHash("sha256").update(logKey).digest("hex");
}
