/** Limits of the server, each with its unit and what passing it costs. */

/** Largest body of a write or push request, bytes as received. Past it: 413. */
export const BODY_BYTES_MAX = 32 * 1024 * 1024;
/** Longest text of a query, characters. Past it: LIMIT_EXCEEDED. Loki's own limit is the same. */
export const QUERY_LENGTH_MAX = 131_072;
/** Queries that may wait for a worker. Past it: TOO_MANY_REQUESTS. */
export const QUERIES_QUEUED_MAX = 1000;
/** A worker that has not answered this long after its query's deadline, ms, is terminated. */
export const WORKER_GRACE_MS = 2000;
/** A worker that has not answered this long after its query's client hung up, ms, is terminated. */
export const HANG_UP_GRACE_MS = 75;
/** Points a series may have in a range query. Past it: BAD_PARAMETER. Prometheus's own limit. */
export const POINTS_PER_SERIES_MAX = 11_000;
/** Lines a log query answers with when it does not say, and at most. Loki's own figures. */
export const LOG_LINES_DEFAULT = 100;
export const LOG_LINES_MAX = 5000;
/** Live tails open at once. Past it: 429. */
export const TAILS_MAX = 100;
/** Lines waiting for one slow tail. Past it the oldest are dropped and the client is told. */
export const TAIL_LINES_QUEUED_MAX = 2000;
/** Dropped lines that are told one by one in a frame; `dropped_count` has them all. */
export const TAIL_DROPS_TOLD_MAX = 1000;
/** Bytes of lines waiting for one slow tail; as above. */
export const TAIL_BYTES_QUEUED_MAX = 4 * 1024 * 1024;
/** Bytes of a line that logs.line_bytes_max may allow. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;
/** Bytes of a message of syslog unless configured. Past it: dropped as message_too_long. */
export const SYSLOG_MESSAGE_BYTES_MAX_DEFAULT = 64 * 1024;
/** Connections of syslog of one listener unless configured. A further one is closed at once, and counted. */
export const SYSLOG_CONNECTIONS_MAX_DEFAULT = 1000;
/** How long a connection of syslog may be silent before it is closed, ms, unless configured. */
export const SYSLOG_IDLE_TIMEOUT_DEFAULT_MS = 10 * 60_000;
/**
 * Bytes of messages of a listener that wait to be stored. Past it TCP is not read on, so that senders wait,
 * and what comes by UDP is dropped as queue_full.
 */
export const SYSLOG_QUEUE_BYTES_MAX = 16 * 1024 * 1024;
/** Messages that are stored at once at most. */
export const SYSLOG_BATCH_MESSAGES_MAX = 10_000;
/** The program's own log file, bytes; at this size it is renamed to `.1` and a new one begun. */
export const OWN_LOG_BYTES_MAX = 8 * 1024 * 1024;
/** Time that stopping may take, ms, before the process ends with what is not yet stopped. */
export const STOP_TIMEOUT_MS = 15_000;
/** Rule files that are read. Past it the rest is left out, with a warning. */
export const RULE_FILES_MAX = 10_000;
/** Answers of fewer bytes are sent as they are: compressing them gains less than it costs. */
export const COMPRESSED_BYTES_MIN = 1024;
/**
 * Names a search answers with when it does not say, and at most; a client asks again with a narrower term.
 */
export const SEARCH_RESULTS_DEFAULT = 100;
export const SEARCH_RESULTS_MAX = 10_000;
/** Names a line of a search's answer holds when it does not say. */
export const SEARCH_BATCH_DEFAULT = 100;
/** Streams of live notifications open at once. Past it: 204, as Prometheus answers. */
export const NOTIFICATION_STREAMS_MAX = 16;
/** Targets whose metrics are looked up for one request of targets' metadata. Past it: LIMIT_EXCEEDED. */
export const METADATA_TARGETS_MAX = 1000;
/** Senders, by job and instance, that the receiver of remote write remembers before it forgets them all. */
export const WRITE_GROUPS_MAX = 100_000;
/** Volumes of logs, fields of lines and patterns that are answered with when a request does not say. */
export const VOLUMES_DEFAULT = 100;
export const FIELDS_DEFAULT = 1000;
export const PATTERNS_DEFAULT = 1000;
/** Compiled code kept below the data directory, bytes; a start that finds more begins it anew. */
export const CODE_CACHE_BYTES_MAX = 64 * 1024 * 1024;

/** Bytes of one line that `logstore import` takes. Past it: BAD_BODY. */
export const IMPORT_LINE_BYTES_MAX = 64 * 1024 * 1024;
/**
 * Bytes that a thread may hold more than after its last collection before its garbage is collected: what it
 * may hold in vain. A collection stops the main thread for 30 ms.
 */
export const GARBAGE_GROWTH_BYTES = 12 * 1024 * 1024;
/** How often a thread looks whether that is so, ms. */
export const GARBAGE_LOOK_MS = 4000;
