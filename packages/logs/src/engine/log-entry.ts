/** A line of an answer. */
import type { LineMetadata } from "@binnacle/model";

export interface LogEntry {
  readonly timeNs: bigint;
  /** The line as the pipeline left it, the caller's own. */
  readonly line: Uint8Array;
  /** name, value, … of the line's structured metadata, as far as it is left. */
  readonly metadata: LineMetadata;
  /** name, value, … of what parsers and formatters gave the line. */
  readonly parsed: LineMetadata;
}
