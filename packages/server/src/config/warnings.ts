/** What a file says that is read and has no effect yet, in the words of a warning at start. */
import {
  HTTP_KEYS_WITHOUT_EFFECT,
  keysWithoutEffect,
  SCRAPE_KEYS_WITHOUT_EFFECT,
  SHARED_KEYS_WITHOUT_EFFECT,
} from "@binnacle/agent";
import { ALERTMANAGER_KEYS_WITHOUT_EFFECT } from "@binnacle/alerting";
import { formatPath, type YamlSource } from "@binnacle/config";

const SECTIONS = ["remote_write", "remote_read", "tracing", "runtime", "scrape_config_files"];
const GLOBAL_KEYS = [...SHARED_KEYS_WITHOUT_EFFECT, "query_log_file"];
const JOB_KEYS = [...SHARED_KEYS_WITHOUT_EFFECT, ...SCRAPE_KEYS_WITHOUT_EFFECT, ...HTTP_KEYS_WITHOUT_EFFECT];
/** Keys of storage and below that have an effect. */
const STORAGE_KEYS: ReadonlySet<string> = new Set([
  "storage.tsdb",
  "storage.tsdb.out_of_order_time_window",
  "storage.tsdb.retention",
  "storage.tsdb.retention.time",
  "storage.tsdb.retention.size",
]);

/** One line a key: `file:line:column: path has no effect yet`. The document is as it was written. */
export function warnOfKeysWithoutEffect(raw: unknown, source: YamlSource): string[] {
  const root = asRecord(raw);
  const paths: (readonly (string | number)[])[] = [
    ...keysWithoutEffect(root, SECTIONS).map((key) => [key]),
    ...keysWithoutEffect(asRecord(root["global"]), GLOBAL_KEYS).map((key) => ["global", key]),
    ...storageKeys(asRecord(root["storage"]), ["storage"]),
  ];
  asList(root["scrape_configs"]).forEach((job, i) => {
    for (const key of keysWithoutEffect(job, JOB_KEYS)) paths.push(["scrape_configs", i, key]);
  });
  asList(asRecord(root["alerting"])["alertmanagers"]).forEach((alertmanager, i) => {
    const keys = keysWithoutEffect(alertmanager, ALERTMANAGER_KEYS_WITHOUT_EFFECT);
    for (const key of keys) paths.push(["alerting", "alertmanagers", i, key]);
  });
  return paths
    .map((path) => Object.assign({ path }, source.positionOfKey(path)))
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(
      ({ path, line, column }) => `${source.file}:${line}:${column}: ${formatPath(path)} has no effect yet`,
    );
}

function storageKeys(section: Readonly<Record<string, unknown>>, above: readonly string[]): string[][] {
  return Object.entries(section).flatMap(([key, value]) => {
    const path = [...above, key];
    if (!STORAGE_KEYS.has(path.join("."))) return [path];
    return storageKeys(asRecord(value), path);
  });
}

function asList(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(asRecord) : [];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : {};
}
