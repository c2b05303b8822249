/**
 * Sizes of the windows in which kernels see their input. None bounds the input: longer ones take several
 * windows.
 */

/** Bytes of text a search copies in at once: half a level-2 cache. */
export const SEARCH_WINDOW_BYTES = 262_144;
/** Bytes of each of the two texts that a guided parse sees at once. A longer line is left to plain script. */
export const GUIDED_WINDOW_BYTES = 131_072;
/** Lines that a guided parse sees at once. */
export const GUIDED_WINDOW_LINES = 4096;
/** Longest literal that is searched for in the kernel, in bytes; a longer one is left to Buffer.indexOf. */
export const LITERAL_BYTES_MAX = 4096;
/** Points that are written in one step: more take several. */
export const POINTS_STEP = 4096;
/** Widest packed difference, in bits: with up to 7 bits of shift it still fits one 64-bit load. */
export const DELTA_BITS_MAX = 56;
/** Bytes of a write request that a scan sees at once. A longer series is left to plain script. */
export const SCAN_WINDOW_BYTES = 262_144;
/** Series that one step of a scan takes, and samples: more take several steps. */
export const SCAN_SERIES = 4096;
export const SCAN_SAMPLES = 8192;
/**
 * Bytes of a snappy block, packed and unpacked, that the kernel's memory grows to; larger ones go
 * elsewhere.
 */
export const SNAPPY_BYTES_MAX = 8 * 1024 * 1024;
/**
 * Bytes of a push of log lines that the kernel's memory grows to, and lines of one stream in it; more are
 * left to plain script.
 */
export const LOG_BODY_BYTES_MAX = 4 * 1024 * 1024;
export const LOG_STREAM_LINES_MAX = 32_768;
/** Bytes and lines that are split into templates at once. */
export const SPLIT_WINDOW_BYTES = 262_144;
export const SPLIT_WINDOW_LINES = 16_384;
