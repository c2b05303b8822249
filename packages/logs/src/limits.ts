/** Every bound of the log store and of LogQL, each with its unit and what happens past it. */

export interface LogLimits {
  /** Bytes of one line. A longer line is rejected as line_too_long. */
  readonly lineBytesMax: number;
  /** Labels of one stream. A stream with more is rejected as too_many_labels. */
  readonly labelsMax: number;
  /** UTF-8 bytes of a label's name. A stream with a longer one is rejected as label_too_long. */
  readonly labelNameBytesMax: number;
  /** UTF-8 bytes of a label's value. A stream with a longer one is rejected as label_too_long. */
  readonly labelValueBytesMax: number;
  /** Pairs of one line's structured metadata. A line with more is rejected as metadata_too_large. */
  readonly metadataPairsMax: number;
  /** UTF-8 bytes of one line's structured metadata. A line with more is rejected as metadata_too_large. */
  readonly metadataBytesMax: number;
  /** How far ahead of the clock a line may be, ms. Past it: timestamp_too_new. */
  readonly futureGraceMs: number;
  /** Streams that may have lines not yet sealed. A new one past it is rejected as stream_limit. */
  readonly headStreamsMax: number;
  /** Bytes of unsealed lines that make a generation be sealed. */
  readonly sealBytes: number;
  /** Age of the oldest unsealed line, ms by the clock since it came, that makes a generation be sealed. */
  readonly sealAgeMs: number;
  /** Bytes of lines that wait for the sealing to catch up. Past it appends get TOO_MANY_REQUESTS. */
  readonly headBytesMax: number;
  /**
   * How long a deletion can be taken back, ms: only then are its lines taken off the disk, unless a cleaning
   * or a compaction is asked for. They are hidden from the first moment.
   */
  readonly deletionGraceMs: number;
  /**
   * Bytes of the disk that are kept free, or a twentieth of it where that is less. With less left, appends
   * throw UNAVAILABLE until there is half as much again; sealing may use it.
   */
  readonly diskReserveBytes: number;
  /** Bytes of a sealed part past which it is not merged any more. */
  readonly partBytesMax: number;
}

export const LOG_LIMITS_DEFAULT: LogLimits = {
  lineBytesMax: 1024 * 1024,
  labelsMax: 30,
  labelNameBytesMax: 1024,
  labelValueBytesMax: 2048,
  metadataPairsMax: 128,
  metadataBytesMax: 64 * 1024,
  futureGraceMs: 10 * 60_000,
  headStreamsMax: 100_000,
  sealBytes: 48 * 1024 * 1024,
  sealAgeMs: 60 * 60_000,
  headBytesMax: 256 * 1024 * 1024,
  deletionGraceMs: 24 * 60 * 60_000,
  diskReserveBytes: 64 * 1024 * 1024,
  partBytesMax: 1024 * 1024 * 1024,
};

/** Rejections whose text goes back to the sender; the rest are only counted. */
export const REJECTIONS_SHOWN_MAX = 10;

/** Batches that are remembered so that a client's retry of the very same bytes is not stored twice. */
export const REPEATED_BATCHES_MAX = 4096;
/** How long a batch is remembered for that, ms. */
export const REPEATED_BATCH_AGE_MS = 10 * 60_000;

/** Bytes of one shared buffer of the head; a section that is larger gets a buffer of its own. */
export const ARENA_BYTES = 1024 * 1024;

/** Raw bytes of lines of one block of a sealed part; one line may go past it. */
export const BLOCK_BYTES_MAX = 2 * 1024 * 1024;
/**
 * Raw bytes that a block may claim, its one long line included. More is damage: nothing is allocated for it.
 */
export const BLOCK_TEXT_BYTES_MAX = 128 * 1024 * 1024;
/** Lines of one block of a sealed part. */
export const BLOCK_LINES_MAX = 65_536;
/** Runs (streams) of one block of a sealed part. */
export const BLOCK_RUNS_MAX = 4096;

/** Deletions whose lines are not yet off the disk. Past it a deletion gets LIMIT_EXCEEDED. */
export const DELETIONS_ACTIVE_MAX = 1000;
/** Deletions that are done and still listed. The oldest are forgotten first. */
export const DELETIONS_LISTED_MAX = 1000;

/** Parts of a day that lie next to each other and are of a size are merged when there are this many. */
export const MERGE_FAN_IN = 4;

/** Bytes of unpacked blocks that a reader keeps. The least recently used go first. */
export const BLOCK_CACHE_BYTES = 24 * 1024 * 1024;
/** Footers of parts that a reader keeps. */
export const INDEX_CACHE_PARTS = 256;

/** Characters of a query. Past it: PARSE_ERROR. Loki's bound. */
export const QUERY_LENGTH_MAX = 131_072;
/** How deep an expression may be nested. Past it: PARSE_ERROR. */
export const QUERY_DEPTH_MAX = 200;
/** Points of a range query's series. Past it: BAD_PARAMETER. Loki's and Prometheus's bound. */
export const POINTS_MAX = 11_000;
/** Lines a log query may ask for. Past it: BAD_PARAMETER. */
export const ENTRIES_MAX = 100_000;
/** Lines before and after a line that `context` shows. Past it: PARSE_ERROR. */
export const CONTEXT_LINES_MAX = 1000;
/** How far from the query's range such lines are looked for, ms. What lies beyond is not shown. */
export const CONTEXT_REACH_MS = 10 * 60_000;
/**
 * Line numbers that a query of lines remembers between its two looks; for lines past it filters run twice.
 */
export const SELECTED_ROWS_MAX = 1_000_000;
/** Series a metric query may make. Past it: LIMIT_EXCEEDED. */
export const SERIES_MAX = 50_000;

/** Bytes of a line that is split into a template and variables; a longer one is kept whole. */
export const TEMPLATED_LINE_BYTES_MAX = 16 * 1024;

/** Variables of such a line; one with more is kept whole. */
export const VARIABLES_MAX = 256;

/** Templates of one part; further lines with new ones are kept whole. */
export const TEMPLATES_MAX = 65_536;

/** Bytes of columns after which a block begins the next group, which is packed and unpacked by itself. */
export const GROUP_BYTES = 128 * 1024;

/** Literals whose templates are remembered for each part. The oldest go first. */
export const NEEDLES_MAX = 16;
/** Literals whose lines are remembered for each block. The oldest go first. */
export const FOUND_MAX = 16;
/** Shapes of lines that one question for patterns tells apart. Past it the rest is one pattern, `<_>`. */
export const SHAPES_MAX = 50_000;
/** Characters of lines, numbers aside, whose shapes are remembered while patterns are mined. */
export const SKELETON_CHARS_MAX = 16 * 1024 * 1024;
