/** The limits of collecting and forwarding: each with its unit and what happens past it. */

/**
 * Body of one scrape after decompression, in bytes, where body_size_limit gives none. Past it the scrape
 * fails.
 */
export const SCRAPE_BODY_BYTES_MAX = 64 * 1024 * 1024;
/** Scrapes under way at once. Past it a scrape waits for another's end, and is late rather than lost. */
export const SCRAPES_CONCURRENT_MAX = 512;
/** Time a scrape's rows may wait for others', in ms, and at most this part of the interval. */
export const SCRAPE_PATIENCE_MS = 200;
export const SCRAPE_PATIENCE_OF_INTERVAL = 1 / 5;
/** Redirects one scrape follows. Past it the scrape fails. */
export const SCRAPE_REDIRECTS_MAX = 10;
/** Bytes of an answer's status line and headers, or of a line between chunks. Past it the scrape fails. */
export const ANSWER_HEAD_BYTES_MAX = 64 * 1024;
/**
 * Bytes read of a redirect's or a failure's body, so that its connection can be kept. Past it it is closed.
 */
export const UNWANTED_BODY_BYTES_MAX = 64 * 1024;
/** Bytes read of a connection at once, into memory that a job's connections share. Only costs turns. */
export const SOCKET_READ_BYTES = 64 * 1024;
/** Distinct own timestamps in one scrape: each makes a row. Past it the scrape fails. */
export const SCRAPE_TIMES_MAX = 100_000;
/** Dropped targets a job remembers for people to look at, where keep_dropped_targets gives no number. */
export const DROPPED_TARGETS_KEPT_MAX = 10_000;
/**
 * Wait before an append that the sink refused for now is tried again, in ms; and the tries. Past them:
 * counted, lost.
 */
export const SCRAPE_APPEND_RETRY_MS = 250;
export const SCRAPE_APPEND_TRIES_MAX = 4;

/** How often discovery files are looked at, in ms, where refresh_interval is not shorter. */
export const FILE_DISCOVERY_POLL_MS = 5_000;
/** Bytes of one discovery file. Past it the file is refused and what it held before stays. */
export const DISCOVERY_FILE_BYTES_MAX = 16 * 1024 * 1024;
/** Bytes of a file that holds a password, token, key or certificate. Past it the scrape fails. */
export const CREDENTIAL_FILE_BYTES_MAX = 1024 * 1024;

/**
 * Wait for the size of one file system, in ms. Past it the mount counts as stuck and shows
 * node_filesystem_device_error.
 */
export const STATFS_TIMEOUT_MS = 5_000;
/** Bytes of one file below proc or sys. Past it the rest is not read. */
export const PROC_FILE_BYTES_MAX = 16 * 1024 * 1024;
/**
 * Mounts, disks, interfaces one collector reports. Past it the rest is left out and counted as an error of
 * the collector.
 */
export const HOST_DEVICES_MAX = 4_096;

/** Bytes of one log line. Past it the line is cut there, and counted. */
export const LOG_LINE_BYTES_MAX = 256 * 1024;
/**
 * Bytes of one physical line of a container's log file, wrapping included. Past it the line is cut, and
 * counted.
 */
export const WRAPPED_LINE_BYTES_MAX = 2 * 1024 * 1024;
/** Bytes read from one file before the next file has its turn. */
export const TAIL_READ_BYTES = 256 * 1024;
/** Bytes of lines in flight to the sink at once. Past it reading waits. */
export const TAIL_BATCH_BYTES_MAX = 1024 * 1024;
/** Lines in flight to the sink at once. Past it reading waits. */
export const TAIL_BATCH_LINES_MAX = 20_000;
/** Files held open at once. Past it further files wait for a closed one, which is counted and logged. */
export const TAIL_FILES_MAX = 4_096;
/** Entries of one directory looked at in a scan. Past it the rest is not seen, which is logged. */
export const TAIL_DIRECTORY_ENTRIES_MAX = 20_000;
/** Bytes that a packed rotated file may unpack to. Past it: it is not read, as damaged_gzip. */
export const UNPACKED_LOG_BYTES_MAX = 1024 * 1024 * 1024;
/** Rotated files beside a log that are looked at when it was rotated. Past it the oldest are left out. */
export const TAIL_SIBLINGS_MAX = 32;
/** Streams with an open partial line per file. Past it the oldest is flushed as it stands. */
export const TAIL_PARTIALS_MAX = 8;
/** Bytes of docker's config.v2.json. Past it a container has only the labels its path gives. */
export const DOCKER_CONFIG_BYTES_MAX = 4 * 1024 * 1024;
/** Checkpoints whose file is gone are forgotten after this time, in ms. */
export const CHECKPOINT_KEEP_MS = 24 * 60 * 60 * 1000;

/** Longest wait before a sink or a server that refused is asked again, in ms. */
export const RETRY_WAIT_MS_MAX = 30_000;
/** First such wait, in ms; it doubles. */
export const RETRY_WAIT_MS_MIN = 250;

/** Bytes of a forwarder's queue on disk. Past it the oldest entries are dropped, and counted. */
export const FORWARD_QUEUE_BYTES_MAX = 1024 * 1024 * 1024;
/** Bytes of one request to the server before compression. Past it entries go in further requests. */
export const FORWARD_REQUEST_BYTES_MAX = 1024 * 1024;
/** Samples in one entry of the queue. Past it an append makes several entries. */
export const FORWARD_SAMPLES_PER_ENTRY_MAX = 5_000;
/**
 * Wait for the server's answer to one request, in ms. Past it the request counts as failed and is repeated.
 */
export const FORWARD_TIMEOUT_MS = 30_000;
/** Series a metric forwarder numbers. Past it: LIMIT_EXCEEDED. */
export const FORWARD_SERIES_MAX = 2_000_000;
/** A numbered series that nobody appended to for this long is forgotten, in ms: its ref becomes unknown. */
export const FORWARD_SERIES_IDLE_MS = 60 * 60 * 1000;
/** Bytes of a server's refusal that are kept for the log. */
export const REFUSAL_TEXT_BYTES_MAX = 1024;
