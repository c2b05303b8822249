/** What holds where neither flags nor file say anything. */

export const METRICS_RETENTION_DEFAULT_MS = 15 * 86_400_000;
export const LOGS_RETENTION_DEFAULT_MS = 7 * 86_400_000;

/** How late a sample may come, ms. Past it the sample is refused as too old. */
export const OUT_OF_ORDER_WINDOW_DEFAULT_MS = 30 * 60_000;

/** Bytes of range queries' answers that are kept to answer the next from. */
export const QUERY_CACHE_BYTES_DEFAULT = 32 * 1024 * 1024;

/** How often the program scrapes itself and its host, ms: two scrapes lie within ten seconds of a start. */
export const OWN_INTERVAL_DEFAULT_MS = 5000;

export const EVALUATION_INTERVAL_DEFAULT_MS = 60_000;

export const POD_LOGS_DEFAULT = "/var/log/pods";
export const CONTAINER_LOGS_DEFAULT = "/var/log/containers";
export const DOCKER_LOGS_DEFAULT = "/var/lib/docker/containers";
export const LOG_FILES_DEFAULT = ["/var/log/*.log"] as const;

export const LISTEN_DEFAULT = {
  up: { host: "127.0.0.1", port: 7070 },
  serve: { host: "127.0.0.1", port: 7070 },
  agent: { host: "127.0.0.1", port: 7071 },
} as const;

export const DATA_DEFAULT = { up: "data", serve: "data", agent: "agent-data" } as const;
/** Bytes of a log line. */
export const LOG_LINE_BYTES_DEFAULT = 1024 * 1024;
