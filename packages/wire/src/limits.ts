/**
 * Bounds of what is read from the network. Past one, the error names it. Lengths of names and values are in
 * UTF-8 bytes.
 */

/**
 * Bytes of a body after decompression. Past it: BODY_TOO_LARGE, before anything is decompressed where that is
 * known.
 */
export const BODY_BYTES_MAX = 64 * 1024 * 1024;
/** Labels of one series, the metric name among them. */
export const LABELS_MAX = 1024;
/** Bytes of a label's or metric's name. */
export const LABEL_NAME_BYTES_MAX = 4096;
/** Bytes of a label's value. */
export const LABEL_VALUE_BYTES_MAX = 65_536;
/** Metrics of one target whose HELP, TYPE and UNIT are kept; those of further metrics are not reported. */
export const METADATA_MAX = 50_000;
/** Parses that a series may be missing from before its slot is given to another. */
export const SLOT_IDLE_PARSES_MAX = 10;
/** Bytes of a text that an error message quotes. */
export const QUOTED_BYTES_MAX = 60;
/** Reports of bad entries that one push keeps; the rest are only counted. */
export const ENTRY_ERRORS_MAX = 16;
/**
 * Label sets (and strings) that a decoder remembers between requests; past it, it forgets them all and begins
 * anew.
 */
export const INTERNED_MAX = 100_000;
/** Series that a remote write decoder knows by number; past it, it forgets them all and begins anew. */
export const SERIES_NUMBERS_MAX = 4_194_304;
/** Longest message whose memory is kept for the next request. A longer one gets memory of its own. */
export const MESSAGE_BYTES_KEPT_MAX = 2 * 1024 * 1024;
/** Lists and objects inside one another that an OTLP attribute's value may have. Past it: BAD_BODY. */
export const OTLP_DEPTH_MAX = 32;
/** Attributes of one resource, scope, point or record, nested ones included. Past it: BAD_BODY. */
export const OTLP_ATTRIBUTES_MAX = 1024;
/** Points of one push of metrics, a bucket counted as one. Past it: LIMIT_EXCEEDED, and nothing is taken. */
export const PUSH_POINTS_MAX = 2_000_000;
/** Queries of one remote read. Past it: LIMIT_EXCEEDED. */
export const READ_QUERIES_MAX = 100;
/** Bytes at which a frame of a streamed remote read ends: the chunk that passes it is its last. */
export const READ_FRAME_BYTES_MAX = 1024 * 1024;
/** Streams of one push of lines. Past it: LIMIT_EXCEEDED, and nothing is taken. */
export const PUSH_STREAMS_MAX = 50_000;
/** Lines of one pushed text. Past it: LIMIT_EXCEEDED, and nothing is taken. */
export const PUSH_LINES_MAX = 1_000_000;
/** Bytes of one line of a pushed text. Past it the line is left out and named. */
export const PUSH_LINE_BYTES_MAX = 16 * 1024 * 1024;
/** Columns of a pushed CSV. Past it: BAD_PARAMETER. */
export const CSV_COLUMNS_MAX = 10_000;
