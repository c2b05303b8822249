/** How a store is opened, and what it tells of itself. */
import type { Clock, Counter, Gauge, Logger, Meter } from "@binnacle/model";
import type { DiskSpace } from "@binnacle/lmdb-file";
import type { Job, JobResult } from "./jobs.ts";
import type { SelectorRetention } from "./retention.ts";
import type { JournalSync } from "./journal/journal.ts";
import {
  DISK_RESERVE_BYTES_DEFAULT,
  FUTURE_MS_MAX_DEFAULT,
  HEAD_BYTES_MAX_DEFAULT,
  HEAD_SERIES_MAX_DEFAULT,
  JOURNAL_PENDING_BYTES_MAX_DEFAULT,
  MAINTENANCE_INTERVAL_MS_DEFAULT,
  SEAL_INTERVAL_MS_DEFAULT,
} from "./limits.ts";

/** limits.ts says what each does and what happens at it. */
export interface StoreLimits {
  readonly headSeriesMax: number;
  readonly headBytesMax: number;
  readonly journalPendingBytesMax: number;
  readonly diskReserveBytes: number;
  readonly futureMsMax: number;
  readonly sealIntervalMs: number;
  /** 0: maintenance runs only when `maintain` or `compact` is called. */
  readonly maintenanceIntervalMs: number;
}

export const STORE_LIMITS_DEFAULT: StoreLimits = {
  headSeriesMax: HEAD_SERIES_MAX_DEFAULT,
  headBytesMax: HEAD_BYTES_MAX_DEFAULT,
  journalPendingBytesMax: JOURNAL_PENDING_BYTES_MAX_DEFAULT,
  diskReserveBytes: DISK_RESERVE_BYTES_DEFAULT,
  futureMsMax: FUTURE_MS_MAX_DEFAULT,
  sealIntervalMs: SEAL_INTERVAL_MS_DEFAULT,
  maintenanceIntervalMs: MAINTENANCE_INTERVAL_MS_DEFAULT,
};

export interface MetricStoreOptions {
  /** Everything the store writes is below it. */
  readonly dir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Samples older than this are refused, and blocks that hold nothing younger are removed, in ms. */
  readonly retentionMs: number;
  /** Blocks and journals together may take this many bytes; the oldest blocks go first. Default: no bound. */
  readonly retentionBytes?: number | undefined;
  /** Series that are kept for less time than `retentionMs`. */
  readonly retentionBySelector?: readonly SelectorRetention[];
  /** How much older than its series' newest a sample may be, in ms; 0: not at all. */
  readonly outOfOrderWindowMs: number;
  readonly limits?: Partial<StoreLimits>;
  /** When an append is acknowledged. Default "commit", which a power loss does not undo. */
  readonly journalSync?: JournalSync;
  /**
   * Beginnings of names of groups that are still taken while the disk is full, from half of the reserve: what
   * tells of it.
   */
  readonly essentialGroups?: readonly string[];
  /** What is left of the disk; by default the file system is asked. */
  readonly diskSpace?: (dir: string) => DiskSpace;
  /** Runs sealing and merging; by default in this thread. */
  readonly runJob?: (job: Job) => Promise<JobResult>;
}

export interface StoreStats {
  readonly headSeries: number;
  readonly headGroups: number;
  readonly headSamples: number;
  /** Shared memory of rows and of label sets. */
  readonly headBytes: number;
  readonly labelBytes: number;
  readonly blocks: number;
  readonly blockSamples: number;
  readonly blockBytes: number;
  /** Of everything in head and blocks; undefined while there is nothing. */
  readonly minTimeMs: number | undefined;
  readonly maxTimeMs: number | undefined;
  readonly journals: number;
  readonly journalBytes: number;
  /** Whether samples are refused, since the disk is full. */
  readonly isReadOnly: boolean;
  /** Deletions whose samples are still on disk. */
  readonly tombstones: number;
  /** Selections that readers have not let go of. */
  readonly openSnapshots: number;
}

export interface StoreMetrics {
  readonly appended: Counter;
  readonly rejected: Counter;
  readonly exemplarsRejected: Counter;
  readonly jobs: Counter;
  readonly jobFailures: Counter;
  readonly blocksExpired: Counter;
  readonly damaged: Counter;
  readonly headSeries: Gauge;
  readonly headSamples: Gauge;
  readonly headBytes: Gauge;
  readonly blocks: Gauge;
  readonly blockBytes: Gauge;
  readonly tombstones: Gauge;
  readonly readOnly: Gauge;
}

export function registerMetrics(meter: Meter): StoreMetrics {
  return {
    appended: meter.counter({ name: "binnacle_tsdb_samples_appended_total", help: "Samples taken." }),
    rejected: meter.counter({
      name: "binnacle_tsdb_samples_rejected_total",
      help:
        "Samples not taken, by reason: duplicate_timestamp (it has another value then), out_of_order and " +
        "too_old (past the window, or past the retention), too_far_in_future, unknown_series.",
      labelNames: ["reason"],
    }),
    exemplarsRejected: meter.counter({
      name: "binnacle_tsdb_exemplars_rejected_total",
      help:
        "Exemplars not taken, by reason: labels_too_long, out_of_order, too_old, too_far_in_future, " +
        "unknown_series. That a scrape repeats one is none.",
      labelNames: ["reason"],
    }),
    jobs: meter.counter({
      name: "binnacle_tsdb_jobs_total",
      help: "Blocks written by sealing and merging.",
      labelNames: ["kind"],
    }),
    jobFailures: meter.counter({
      name: "binnacle_tsdb_job_failures_total",
      help: "Seals and merges that failed; they are tried again.",
      labelNames: ["kind"],
    }),
    blocksExpired: meter.counter({
      name: "binnacle_tsdb_blocks_expired_total",
      help: "Blocks removed by the retention, by whether it is that of time or of size.",
      labelNames: ["reason"],
    }),
    damaged: meter.counter({
      name: "binnacle_tsdb_damaged_pages_total",
      help: "Pages of blocks, and records of journals, found damaged, by part; the log names file and place.",
      labelNames: ["part"],
    }),
    headSeries: meter.gauge({ name: "binnacle_tsdb_head_series", help: "Series in memory." }),
    headSamples: meter.gauge({ name: "binnacle_tsdb_head_samples", help: "Samples not sealed yet." }),
    headBytes: meter.gauge({
      name: "binnacle_tsdb_head_bytes",
      help: "Shared memory of samples not sealed yet.",
    }),
    blocks: meter.gauge({ name: "binnacle_tsdb_blocks", help: "Sealed blocks." }),
    blockBytes: meter.gauge({ name: "binnacle_tsdb_block_bytes", help: "Bytes of sealed blocks." }),
    readOnly: meter.gauge({
      name: "binnacle_tsdb_read_only",
      help: "1 while the disk is too full to take samples.",
    }),
    tombstones: meter.gauge({
      name: "binnacle_tsdb_tombstones",
      help: "Deletions whose samples are hidden and still on disk.",
    }),
  };
}
