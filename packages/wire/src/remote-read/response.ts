/**
 * Encodes both forms of an answer to a remote read: prometheus.ReadResponse, whole and compressed, and frames
 * of prometheus.ChunkedReadResponse, which a reader takes one by one.
 */
import { assert, type Histogram, type Labels, wordsOf } from "@binnacle/model";
import { READ_FRAME_BYTES_MAX } from "../limits.ts";
import { ProtobufWriter } from "../protobuf/writer.ts";
import { writeHistogram } from "../remote-write/histogram.ts";
import { snappyCompress } from "../snappy.ts";
import { crc32c } from "./crc32c.ts";
import { CHUNK_SAMPLES_MAX, encodeXorChunk } from "./xor-chunk.ts";

/** One series of a query's result, with its samples as they are stored: staleness markers among them. */
export interface ReadSeries {
  readonly labels: Labels;
  /** Unix ms, ascending. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  readonly histogramTimes: Float64Array;
  readonly histograms: readonly Histogram[];
}

/** A snappy block; one list of series a query, in the order of the queries. */
export function encodeSampledResponse(results: readonly (readonly ReadSeries[])[]): Uint8Array {
  const writer = new ProtobufWriter();
  for (const result of results) {
    writer.message(1, () => {
      for (const series of result) writer.message(1, () => writeSamples(writer, series));
    });
  }
  return snappyCompress(writer.written);
}

function writeSamples(writer: ProtobufWriter, series: ReadSeries): void {
  const { times, values, histogramTimes, histograms } = series;
  const words = wordsOf(values);
  writeLabels(writer, series.labels);
  for (let i = 0; i < times.length; i++) {
    writer.message(2, () => {
      writer.doubleFrom(1, words, i);
      writer.int64(2, times[i]!);
    });
  }
  for (const [i, histogram] of histograms.entries()) {
    writer.message(4, () =>
      writeHistogram(writer, histogram, { timeMs: histogramTimes[i]!, startTimeMs: 0 }),
    );
  }
}

const CHUNK_XOR = 1;

/**
 * Frames: a series' chunks stand together, and a series whose chunks do not fit in one frame goes on in the
 * next. Histograms have no XOR chunks: a caller that has any answers with samples.
 *
 *     length as a varint │ CRC-32C of the message, 4 bytes big-endian │ message
 */
export function* encodeStreamedResponse(
  results: readonly (readonly ReadSeries[])[],
  frameBytesMax = READ_FRAME_BYTES_MAX,
): Generator<Uint8Array> {
  const writer = new ProtobufWriter();
  for (const [queryIndex, result] of results.entries()) {
    for (const { labels, times, values, histograms } of result) {
      assert(histograms.length === 0, "histograms have no XOR chunks");
      for (let from = 0; from < times.length;) {
        writer.reset();
        writer.message(1, () => {
          writeLabels(writer, labels);
          do {
            const to = Math.min(from + CHUNK_SAMPLES_MAX, times.length);
            const data = encodeXorChunk(times, values, { from, to });
            writer.message(2, () => {
              writer.int64(1, times[from]!);
              writer.int64(2, times[to - 1]!);
              writer.uint32(3, CHUNK_XOR);
              writer.bytes(4, data);
            });
            from = to;
          } while (from < times.length && writer.written.length < frameBytesMax);
        });
        writer.int64(2, queryIndex);
        yield frame(writer.written);
      }
    }
  }
}

function frame(message: Uint8Array): Uint8Array {
  const head: number[] = [];
  for (let rest = message.length; ; rest >>>= 7) {
    head.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) break;
  }
  const bytes = new Uint8Array(head.length + 4 + message.length);
  bytes.set(head);
  new DataView(bytes.buffer).setUint32(head.length, crc32c(message));
  bytes.set(message, head.length + 4);
  return bytes;
}

function writeLabels(writer: ProtobufWriter, labels: Labels): void {
  for (const [name, value] of labels.entries()) {
    writer.message(1, () => {
      writer.string(1, name);
      writer.string(2, value);
    });
  }
}
