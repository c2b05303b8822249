/**
 * Hot loops in AssemblyScript, and their typed wrappers. Inputs are copied into the module's memory and
 * results out of it, so what is passed and returned is the caller's own.
 */
export { packedDeltaBytes, unpackDeltas, type DeltaOptions } from "./delta.ts";
export { ALWAYS_READ, GuidedWalk, SLOW_SAMPLE, type LineTable } from "./exposition.ts";
export { DELTA_BITS_MAX } from "./limits.ts";
export { LogBody, type PackedLines, type ReadEntries } from "./log-entries.ts";
export { LineSplitter, type SplitTable, type SplitWindow } from "./split-lines.ts";
export { countLiteral, findLiteral } from "./literal.ts";
export { PointWriter } from "./points.ts";
export { fitsSnappyKernel, unpackSnappy } from "./snappy.ts";
export { HASH_WORDS, SeriesScan, type ScannedSeries } from "./write-request.ts";
