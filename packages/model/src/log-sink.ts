/**
 * How log lines get into a store, or into a forwarder's queue: tailing and the push APIs append through this.
 */
import type { Labels } from "./labels.ts";

/** name, value, name, value, … of one line's structured metadata. */
export type LineMetadata = readonly string[];

/** Lines of one stream, in order of arrival, as parallel columns. */
export interface LogEntries {
  readonly labels: Labels;
  /** Unix nanoseconds. Need not ascend; equal times keep their order. */
  readonly timesNs: BigInt64Array;
  /** Lines are bytes: any bytes, of any length up to the sink's limit, without their line end. */
  readonly lines: readonly Uint8Array[];
  /** Parallel to `lines`, or undefined where no line has any. */
  readonly metadata: readonly (LineMetadata | undefined)[] | undefined;
}

/**
 * Lines as one has them who reads many at once: end to end. Single ones are views, made when somebody asks
 * for them.
 */
export class PackedEntries implements LogEntries {
  readonly labels: Labels;
  readonly timesNs: BigInt64Array;
  /** Line i is bytes[offsets[i], offsets[i + 1]); the first begins at 0. */
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  readonly metadata = undefined;
  #lines: readonly Uint8Array[] | undefined;

  constructor(
    labels: Labels,
    columns: { readonly timesNs: BigInt64Array; readonly bytes: Uint8Array; readonly offsets: Uint32Array },
  ) {
    this.labels = labels;
    this.timesNs = columns.timesNs;
    this.bytes = columns.bytes;
    this.offsets = columns.offsets;
  }

  get lines(): readonly Uint8Array[] {
    const { bytes, offsets } = this;
    return (this.#lines ??= Array.from(this.timesNs, (_, i) => bytes.subarray(offsets[i], offsets[i + 1])));
  }
}

/** The same lines with other labels. */
export function withLabels(entries: LogEntries, labels: Labels): LogEntries {
  if (entries instanceof PackedEntries) return new PackedEntries(labels, entries);
  const { timesNs, lines, metadata } = entries;
  return { labels, timesNs, lines, metadata };
}

export type LineRejectReason =
  | "line_too_long"
  | "timestamp_too_old"
  | "timestamp_too_new"
  | "too_many_labels"
  | "label_too_long"
  | "stream_limit"
  | "metadata_too_large";

export interface LineRejection {
  readonly reason: LineRejectReason;
  /** Index into the batch's streams, and of the line within it; −1 when the whole stream is refused. */
  readonly stream: number;
  readonly line: number;
  /** For people: the value, the bound, the place. */
  readonly message: string;
}

export interface LogAppendResult {
  readonly appended: number;
  readonly rejected: number;
  /** The first few rejections. */
  readonly rejections: readonly LineRejection[];
}

export interface LogSink {
  /**
   * Takes a batch. Resolves once it is durable. A bad line is rejected with its reason and its neighbours are
   * kept. Throws TOO_MANY_REQUESTS when the sink cannot keep up, UNAVAILABLE when it is read-only.
   */
  append(batch: readonly LogEntries[]): Promise<LogAppendResult>;
}
