/** How a log store is opened, and what it tells of itself. */
import type { DiskSpace } from "@binnacle/lmdb-file";
import type { Clock, LogEntries, Logger, Meter } from "@binnacle/model";
import type { LogJob, LogJobResult } from "../jobs.ts";
import type { LogLimits } from "../limits.ts";
import type { StreamRetention } from "./retention.ts";

export interface LogStoreOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  /** How long lines are kept, ms. Undefined: for ever. Older lines are refused. */
  readonly retentionMs: number | undefined;
  /** Streams that are kept for another time, longer or shorter. Default: none. */
  readonly retentionBySelector?: readonly StreamRetention[];
  /** Bytes that sealed lines and journals may take on disk: the oldest go first. Undefined: no bound. */
  readonly retentionBytes?: number | undefined;
  /** Whether a batch that comes a second time byte for byte is stored again. Default: it is not. */
  readonly keepsRepeatedBatches?: boolean;
  /** What is not given is as in LOG_LIMITS_DEFAULT. */
  readonly limits?: Partial<LogLimits>;
  /** What is left of the disk; by default the file system is asked. */
  readonly diskSpace?: ((dir: string) => DiskSpace) | undefined;
  /** Does sealing and merging, on a thread of its own; by default on this one. */
  readonly runJob?: (job: LogJob) => Promise<LogJobResult>;
}

export interface LogStoreStats {
  readonly streams: number;
  readonly headLines: number;
  readonly headBytes: number;
  readonly parts: number;
  readonly partLines: number;
  /** Bytes of the sealed lines, unpacked. */
  readonly partTextBytes: number;
  /** Bytes of the sealed parts on disk. */
  readonly partBytes: number;
  readonly journalBytes: number;
  /** Deletions whose lines are hidden and still on disk. */
  readonly deletions: number;
  readonly openSnapshots: number;
  /** Whether lines are refused, since the disk is full. */
  readonly isReadOnly: boolean;
}

/** Called with a batch once it is durable; it must return at once. */
export type TailListener = (batch: readonly LogEntries[]) => void;
