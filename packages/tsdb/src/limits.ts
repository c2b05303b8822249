/** Every bound of this package: its unit, and what happens at it. */

/**
 * Late samples are taken while they are at most this much older than their series' newest. Older: `too_old`.
 */
export const OUT_OF_ORDER_WINDOW_MS_DEFAULT = 30 * 60_000;
/** A sample may be this far ahead of the clock: senders' clocks differ. Further: `too_far_in_future`. */
export const FUTURE_MS_MAX_DEFAULT = 10 * 60_000;
/** Series that may be in the head at once. Past it `series` throws LIMIT_EXCEEDED. */
export const HEAD_SERIES_MAX_DEFAULT = 4_000_000;
/** Slots a series ref can name (24 bits): no configuration can go past it. */
export const HEAD_SLOTS_MAX = 2 ** 24;
/** Labels of one series. Past it `series` throws BAD_LABELS. */
export const LABELS_PER_SERIES_MAX = 256;
/** UTF-8 bytes of a label name or value. Past it `series` throws BAD_LABELS. */
export const LABEL_BYTES_MAX = 65_535;

/** Age of the head at which it is sealed, in ms. */
export const SEAL_INTERVAL_MS_DEFAULT = 30 * 60_000;
/**
 * Bytes of rows in the head at which it is sealed before its age says so; many series are granted more, see
 * below.
 */
export const HEAD_BYTES_MAX_DEFAULT = 48 * 1024 * 1024;
/**
 * Bytes of rows each series may have in the head, where that is more: half an hour at a scrape every 15 s.
 */
export const HEAD_BYTES_PER_SERIES = 1024;
/** How often maintenance looks whether something is due, in ms. */
export const MAINTENANCE_INTERVAL_MS_DEFAULT = 10_000;
/** Samples a merged block may hold; more is left in several blocks. */
export const BLOCK_SAMPLES_MAX = 500_000_000;
/** Time a merged block may span, in ms: retention removes whole blocks. */
export const BLOCK_SPAN_MS_MAX = 7 * 86_400_000;
/** Blocks of like size that stand together before they are merged. */
export const MERGE_FAN_IN = 4;

/** Bytes waiting for the journal's commit. Past it `append` throws TOO_MANY_REQUESTS. */
export const JOURNAL_PENDING_BYTES_MAX_DEFAULT = 64 * 1024 * 1024;

/**
 * Bytes of the disk that are kept free, or a twentieth of it where that is less. With less left, appends
 * throw UNAVAILABLE until there is half as much again; sealing may use it.
 */
export const DISK_RESERVE_BYTES_DEFAULT = 64 * 1024 * 1024;

/** Rows of a tile: the bits of a presence word. */
export const TILE_ROWS = 32;
/** Bytes of one shared segment of the head; a larger tile gets a segment of its own. */
export const ARENA_SEGMENT_BYTES = 1024 * 1024;
/** Loose samples (late ones, own times) kept together in one piece of shared memory. */
export const LOOSE_CHUNK_RECORDS = 1024;

/** Rows of a chunk of a sealed block: what a query of a short range must unpack at most. */
export const CHUNK_ROWS_MAX = 2048;
/** Unpacked bytes at which a page of values is closed. */
export const VALUE_PAGE_BYTES = 128 * 1024;
/** Unpacked bytes at which a page of the index is closed. */
export const INDEX_PAGE_BYTES = 32 * 1024;
/** Unpacked bytes a page may claim. More is corruption: nothing is allocated on a damaged length's word. */
export const PAGE_BYTES_MAX = 256 * 1024 * 1024;

/** Damaged places that are remembered as said; past it they may be said, and counted, again. */
export const DAMAGE_REMEMBERED_MAX = 10_000;
/** Files of damaged blocks that are kept for whoever wants to look at them; past it the oldest goes. */
export const DAMAGED_FILES_MAX = 16;

/** Unpacked pages and decoded columns a thread keeps, in bytes. */
export const PAGE_CACHE_BYTES = 48 * 1024 * 1024;
/** The same while blocks are merged or verified: each page is read once and in order, a few at a time. */
export const MERGE_CACHE_BYTES = 8 * 1024 * 1024;
/**
 * Series of selections a reader remembers, so that the same selector is looked up once. Past it: the oldest
 * go.
 */
export const FOUND_SERIES_MAX = 200_000;
/** Open block files a thread keeps. */
export const OPEN_BLOCKS_MAX = 128;
/** Decoded label sets a reader keeps for each block or head before it forgets them all. */
export const LABEL_CACHE_ENTRIES_MAX = 100_000;

/**
 * Deletions that wait to be cleaned: each is asked of every series read. Past it deleting throws
 * LIMIT_EXCEEDED.
 */
export const TOMBSTONES_MAX = 10_000;

/** Metrics whose metadata is kept. Past it the newcomer is dropped and counted. */
export const METADATA_METRICS_MAX = 100_000;
/** Characters of a metric's help text; the rest is cut off. */
export const METADATA_HELP_LENGTH_MAX = 4096;
/**
 * Characters of an exemplar's labels, names and values together, as OpenMetrics bounds them. More: refused.
 */
export const EXEMPLAR_CHARACTERS_MAX = 128;
/** Exemplars kept, newest first out last; as a ring. */
export const EXEMPLARS_MAX = 100_000;
/** Buckets of one native histogram. More is corruption where it is read, and refused where it is written. */
export const HISTOGRAM_BUCKETS_MAX = 65_536;

/**
 * Samples no older than this when they come, ms, are known by their time alone to who keeps answers; see
 * ChangeLog.
 */
export const CHANGES_FRESH_MS = 2 * 60_000;
/** Moments at which the oldest of such samples is known; past it neighbours are joined. */
export const CHANGES_FRESH_MAX = 1024;
/** Series of which is known when late samples came; past it those are said to be of any series. */
export const CHANGES_LATE_SLOTS_MAX = 100_000;
/** Ranges of time in which any series changed; past it two are joined to one that holds both. */
export const CHANGES_OTHER_MAX = 64;
