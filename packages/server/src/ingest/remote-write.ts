/**
 * From a remote write request (1.0 or 2.0) to the store: decoded, gathered into rows, appended; what was
 * refused is said.
 */
import type { IncomingHttpHeaders } from "node:http";
import { BinnacleError, type MetricSink } from "@binnacle/model";
import { decodeWriteRequestV2, WriteRequestDecoder, type DecodedWrite } from "@binnacle/wire";
import { gatherRows } from "./row-gatherer.ts";
import type { PushSummary } from "./push-summary.ts";

/** What version 2 answers beside: how much of each kind was written. */
export interface WriteSummary extends PushSummary {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

const V2_MESSAGE = "io.prometheus.write.v2.Request";

export class RemoteWriteReceiver {
  readonly #sink: MetricSink;
  /** Remembers the label sets it has seen: most requests bring the same series again. */
  readonly #decoder = new WriteRequestDecoder();

  constructor(sink: MetricSink) {
    this.#sink = sink;
  }

  /**
   * The rest of a request is kept where a part of it is refused. Throws BAD_BODY for what cannot be read at
   * all.
   */
  async receive(body: Uint8Array, headers: IncomingHttpHeaders): Promise<WriteSummary> {
    const request = this.#decode(body, headers);
    if (request.metadata.length > 0) this.#sink.describe(request.metadata);
    const { rejected, rejections } = await this.#sink.append(gatherRows(request, this.#sink));
    const samples = request.sampleTimes.length;
    return {
      refused: request.errorCount + rejected,
      reasons: [
        ...request.errors.map(({ series, message }) => `series ${series}: ${message}`),
        ...rejections.map(({ message }) => message),
      ],
      samples: Math.max(0, samples - rejected),
      histograms: request.histograms.length,
      exemplars: request.exemplars.length,
    };
  }

  #decode(body: Uint8Array, headers: IncomingHttpHeaders): DecodedWrite {
    const encoding = headers["content-encoding"] ?? "snappy";
    if (encoding !== "snappy") {
      throw new BinnacleError(
        "UNSUPPORTED_MEDIA",
        `content encoding ${encoding} is not supported: send snappy`,
      );
    }
    const type = headers["content-type"] ?? "application/x-protobuf";
    if (!type.startsWith("application/x-protobuf")) {
      throw new BinnacleError(
        "UNSUPPORTED_MEDIA",
        `content type ${type} is not supported: send application/x-protobuf`,
      );
    }
    return type.includes(V2_MESSAGE) ? decodeWriteRequestV2(body) : this.#decoder.decode(body);
  }
}
