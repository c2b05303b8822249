/** Decides line by line what of a batch is taken, and says of the rest why not. */
import { PackedEntries, type LineRejection, type LineRejectReason, type LogEntries } from "@binnacle/model";
import { utf8Length } from "../bytes.ts";
import { REJECTIONS_SHOWN_MAX, type LogLimits } from "../limits.ts";
import type { AdmittedEntries } from "./batch-record.ts";
import type { Retention } from "./retention.ts";

export interface AdmissionOptions {
  readonly limits: LogLimits;
  readonly nowMs: number;
  readonly retention: Retention;
  /** How many new streams the head can take. */
  readonly newStreamsMax: number;
  isKnownStream(key: string): boolean;
}

export interface Admission {
  readonly admitted: readonly AdmittedEntries[];
  readonly lines: number;
  readonly bytes: number;
  readonly rejectedBy: ReadonlyMap<LineRejectReason, number>;
  readonly rejected: number;
  /** The first few. */
  readonly rejections: readonly LineRejection[];
}

export function admit(batch: readonly LogEntries[], options: AdmissionOptions): Admission {
  const { limits, nowMs, retention } = options;
  const newestNs = BigInt(Math.floor(nowMs + limits.futureGraceMs)) * 1_000_000n;
  const admitted: AdmittedEntries[] = [];
  const rejections: LineRejection[] = [];
  const rejectedBy = new Map<LineRejectReason, number>();
  const newStreams = new Set<string>();
  let lines = 0;
  let bytes = 0;
  let rejected = 0;

  const reject = (
    reason: LineRejectReason,
    stream: number,
    line: number,
    count: number,
    text: () => string,
  ): void => {
    rejected += count;
    rejectedBy.set(reason, (rejectedBy.get(reason) ?? 0) + count);
    if (rejections.length < REJECTIONS_SHOWN_MAX) {
      rejections.push({ reason, stream, line, message: text() });
    }
  };

  batch.forEach((entries, stream) => {
    const at = (): string => `stream ${stream} ${entries.labels.toString()}`;
    const fault = streamFault(entries, limits);
    if (fault !== undefined) {
      reject(fault.reason, stream, -1, entries.timesNs.length, () => `${at()}: ${fault.text}`);
      return;
    }
    const key = entries.labels.key();
    if (!options.isKnownStream(key) && !newStreams.has(key)) {
      if (newStreams.size >= options.newStreamsMax) {
        const text = (): string =>
          `${at()}: there are already ${limits.headStreamsMax} streams (headStreamsMax)`;
        reject("stream_limit", stream, -1, entries.timesNs.length, text);
        return;
      }
      newStreams.add(key);
    }
    const oldestNs = retention.oldestNs(entries.labels, nowMs);
    if (entries instanceof PackedEntries && isFine(entries, limits, newestNs, oldestNs)) {
      admitted.push({ entries, kept: undefined });
      lines += entries.timesNs.length;
      bytes += entries.bytes.length;
      return;
    }
    const kept: number[] = [];
    for (let i = 0; i < entries.lines.length; i++) {
      const length = entries.lines[i]!.length;
      const timeNs = entries.timesNs[i]!;
      if (length > limits.lineBytesMax) {
        const text = (): string =>
          `${at()}, line ${i}: ${length} bytes are over the limit of ${limits.lineBytesMax} (lineBytesMax)`;
        reject("line_too_long", stream, i, 1, text);
      } else if (timeNs > newestNs) {
        const text = (): string =>
          `${at()}, line ${i}: its timestamp ${timeNs} is more than ${limits.futureGraceMs} ms ahead (futureGraceMs)`;
        reject("timestamp_too_new", stream, i, 1, text);
      } else if (oldestNs !== undefined && timeNs < oldestNs) {
        const text = (): string =>
          `${at()}, line ${i}: its timestamp ${timeNs} is older than the retention of ${retention.of(entries.labels)} ms`;
        reject("timestamp_too_old", stream, i, 1, text);
      } else {
        const pairs = entries.metadata?.[i];
        const metadataFault = pairs === undefined ? undefined : metadataText(pairs, limits);
        if (metadataFault === undefined) {
          kept.push(i);
          bytes += length;
        } else {
          reject("metadata_too_large", stream, i, 1, () => `${at()}, line ${i}: ${metadataFault}`);
        }
      }
    }
    lines += kept.length;
    if (kept.length > 0) admitted.push({ entries, kept });
  });
  return { admitted, lines, bytes, rejectedBy, rejected, rejections };
}

/** Whether every line of a stream is taken. Packed ones have no metadata. */
function isFine(
  { timesNs, offsets }: PackedEntries,
  { lineBytesMax }: LogLimits,
  newestNs: bigint,
  oldestNs: bigint | undefined,
): boolean {
  for (let i = 0; i < timesNs.length; i++) {
    if (offsets[i + 1]! - offsets[i]! > lineBytesMax) return false;
    const timeNs = timesNs[i]!;
    if (timeNs > newestNs || (oldestNs !== undefined && timeNs < oldestNs)) return false;
  }
  return timesNs.length > 0;
}

function streamFault(
  { labels }: LogEntries,
  limits: LogLimits,
): { reason: LineRejectReason; text: string } | undefined {
  if (labels.size > limits.labelsMax) {
    const text = `${labels.size} labels are over the limit of ${limits.labelsMax} (labelsMax)`;
    return { reason: "too_many_labels", text };
  }
  for (const [name, value] of labels.entries()) {
    if (utf8Length(name) > limits.labelNameBytesMax) {
      const bound = `${limits.labelNameBytesMax} (labelNameBytesMax)`;
      const text = `a label name of ${utf8Length(name)} bytes is over the limit of ${bound}`;
      return { reason: "label_too_long", text };
    }
    if (utf8Length(value) > limits.labelValueBytesMax) {
      const text = `the value of ${name}, ${utf8Length(value)} bytes, is over the limit`;
      return {
        reason: "label_too_long",
        text: `${text} of ${limits.labelValueBytesMax} (labelValueBytesMax)`,
      };
    }
  }
  return undefined;
}

function metadataText(pairs: readonly string[], limits: LogLimits): string | undefined {
  if (pairs.length / 2 > limits.metadataPairsMax) {
    const bound = `${limits.metadataPairsMax} (metadataPairsMax)`;
    return `${pairs.length / 2} pairs of metadata are over the limit of ${bound}`;
  }
  let bytes = 0;
  for (const part of pairs) bytes += utf8Length(part);
  if (bytes <= limits.metadataBytesMax) return undefined;
  return `${bytes} bytes of metadata are over the limit of ${limits.metadataBytesMax} (metadataBytesMax)`;
}
