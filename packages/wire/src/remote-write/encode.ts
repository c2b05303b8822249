/** Encodes remote write 1.0, for forwarding. An encoder remembers how it wrote each Labels object. */
import { assert, type Labels, wordsOf } from "@binnacle/model";
import { ProtobufWriter } from "../protobuf/writer.ts";
import { snappyCompress } from "../snappy.ts";
import { METRIC_TYPES } from "./decode-v1.ts";
import { writeHistogram } from "./histogram.ts";
import type { WriteExemplar, WriteHistogram, WriteRequest } from "./write-request.ts";

export class WriteRequestEncoder {
  readonly #writer = new ProtobufWriter();
  readonly #labelsWriter = new ProtobufWriter();
  readonly #labels = new WeakMap<Labels, Uint8Array>();

  /** A snappy block of prometheus.WriteRequest. Start times have no place in version 1 and are left out. */
  encode(request: WriteRequest): Uint8Array {
    return snappyCompress(this.encodeMessage(request));
  }

  /** The message without compression: a view that holds until the next call. */
  encodeMessage(request: WriteRequest): Uint8Array {
    const writer = this.#writer;
    writer.reset();
    const { labels, sampleOffsets, sampleTimes, sampleValues } = request;
    assert(sampleOffsets.length === labels.length + 1, "sample offsets are not those of the series");
    const words = wordsOf(sampleValues);
    const histograms = bySeries(request.histograms);
    const exemplars = bySeries(request.exemplars);
    for (let i = 0; i < labels.length; i++) {
      writer.message(1, () => {
        writer.raw(this.#labelFields(labels[i]!));
        for (let sample = sampleOffsets[i]!; sample < sampleOffsets[i + 1]!; sample++) {
          writer.message(2, () => {
            writer.doubleFrom(1, words, sample);
            writer.int64(2, sampleTimes[sample]!);
          });
        }
        for (const exemplar of exemplars.get(i) ?? []) this.#writeExemplar(exemplar);
        for (const histogram of histograms.get(i) ?? []) {
          writer.message(4, () => writeHistogram(writer, histogram.value, { ...histogram, startTimeMs: 0 }));
        }
      });
    }
    for (const { metric, type, help, unit } of request.metadata) {
      writer.message(3, () => {
        writer.uint32(1, METRIC_TYPES.indexOf(type));
        writer.string(2, metric);
        if (help !== "") writer.string(4, help);
        if (unit !== "") writer.string(5, unit);
      });
    }
    return writer.written;
  }

  #writeExemplar(exemplar: WriteExemplar): void {
    const writer = this.#writer;
    writer.message(3, () => {
      writer.raw(this.#labelFields(exemplar.labels));
      writer.double(2, exemplar.value);
      if (exemplar.timeMs !== 0) writer.int64(3, exemplar.timeMs);
    });
  }

  #labelFields(labels: Labels): Uint8Array {
    const known = this.#labels.get(labels);
    if (known !== undefined) return known;
    const writer = this.#labelsWriter;
    writer.reset();
    for (const [name, value] of labels.entries()) {
      writer.message(1, () => {
        writer.string(1, name);
        writer.string(2, value);
      });
    }
    const fields = writer.written.slice();
    this.#labels.set(labels, fields);
    return fields;
  }
}

function bySeries<T extends WriteHistogram | WriteExemplar>(entries: readonly T[]): Map<number, T[]> {
  const map = new Map<number, T[]>();
  for (const entry of entries) {
    const list = map.get(entry.series);
    if (list === undefined) map.set(entry.series, [entry]);
    else list.push(entry);
  }
  return map;
}
