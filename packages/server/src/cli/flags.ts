/**
 * What the command line says, read and checked; what it leaves out is undefined, so that the file may say it.
 */
import type { ListenAddress } from "./listen-address.ts";

export const MODES = ["up", "serve", "agent"] as const;
/** `up`: server and agent in one process; `serve` and `agent`: apart. */
export type Mode = (typeof MODES)[number];

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Paths are as typed: relative to the working directory. */
export interface Flags {
  readonly config?: string | undefined;
  readonly listen?: ListenAddress | undefined;
  readonly data?: string | undefined;
  readonly logLevel?: LogLevel | undefined;
  /** Prometheus's names of features, in the order given. */
  readonly features: readonly string[];
  /** How long metrics are kept, and logs, ms. */
  readonly metricsRetentionMs?: number | undefined;
  /** Bytes of metrics on disk. */
  readonly metricsRetentionBytes?: number | undefined;
  readonly logsRetentionMs?: number | undefined;
  /** Bytes of logs on disk. */
  readonly logsRetentionBytes?: number | undefined;
  /** The URL under which people reach this server: links in notifications begin with it. */
  readonly externalUrl?: string | undefined;
  /** Whether samples may be deleted and copied over HTTP. */
  readonly adminApi?: boolean | undefined;
  /** Whether the process may be ended over HTTP. */
  readonly lifecycle?: boolean | undefined;
  /** An RE2 pattern of other origins whose pages may read the API. */
  readonly corsOrigin?: string | undefined;
  /** A Binnacle that gets everything. Agent only. */
  readonly forward?: string | undefined;
  readonly podLogs?: string | undefined;
  readonly hostRoot?: string | undefined;
}
