/**
 * From a remote write request (1.0 or 2.0) to the store: decoded, gathered into rows, appended; what was
 * refused is said.
 */
import type { IncomingHttpHeaders } from "node:http";
import { BinnacleError, type AppendResult, type MetricSink } from "@binnacle/model";
import {
  decodeWriteRequestV2,
  ENTRY_ERRORS_MAX,
  WriteColumns,
  WriteRequestDecoder,
  type DecodedWrite,
} from "@binnacle/wire";
import { KnownWriters } from "./known-writers.ts";
import { gatherRows } from "./row-gatherer.ts";
import type { PushSummary } from "./push-summary.ts";

/** What version 2 answers beside: how much of each kind was written. */
export interface WriteSummary extends PushSummary {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

const V2_MESSAGE = "io.prometheus.write.v2.Request";

/** Memory of a request, used again for later ones: what V8 does not see it does not collect. */
interface RequestRoom {
  readonly columns: WriteColumns;
  refs: Uint32Array<ArrayBuffer>;
}

/** Requests whose memory is kept; more at once get memory of their own. */
const ROOMS_KEPT_MAX = 8;

export class RemoteWriteReceiver {
  readonly #sink: MetricSink;
  /** Remembers the series it has seen: most requests bring the same ones again. */
  readonly #decoder = new WriteRequestDecoder();
  readonly #writers: KnownWriters;
  readonly #rooms: RequestRoom[] = [];

  constructor(sink: MetricSink) {
    this.#sink = sink;
    this.#writers = new KnownWriters(sink);
  }

  /**
   * The rest of a request is kept where a part of it is refused. Throws BAD_BODY for what cannot be read at
   * all.
   */
  async receive(body: Uint8Array, headers: IncomingHttpHeaders): Promise<WriteSummary> {
    const room = this.#rooms.pop() ?? { columns: new WriteColumns(), refs: new Uint32Array(1024) };
    try {
      return await this.#receive(this.#decode(body, headers, room.columns), room);
    } finally {
      if (this.#rooms.length < ROOMS_KEPT_MAX) this.#rooms.push(room);
    }
  }

  async #receive(request: DecodedWrite, room: RequestRoom): Promise<WriteSummary> {
    if (request.metadata.length > 0) this.#sink.describe(request.metadata);
    const { rejected, rejections, refusals } = await this.#append(request, room);
    const samples = request.sampleTimes.length;
    return {
      refused: request.errorCount + refusals.length + rejected,
      reasons: [
        ...request.errors.map(({ series, message }) => `series ${series}: ${message}`),
        ...refusals.slice(0, ENTRY_ERRORS_MAX),
        ...rejections.map(({ message }) => message),
      ],
      samples: Math.max(0, samples - rejected),
      histograms: request.histograms.length,
      exemplars: request.exemplars.length,
    };
  }

  /** Series that the store has let go of since they were last written are registered anew, once. */
  async #append(
    request: DecodedWrite,
    room: RequestRoom,
  ): Promise<Pick<AppendResult, "rejected" | "rejections"> & { refusals: readonly string[] }> {
    const count = request.seriesNumbers.length;
    if (room.refs.length < count) room.refs = new Uint32Array(2 * count);
    const series = this.#writers.resolve(request, room.refs);
    const first = await this.#sink.append(gatherRows(request, series));
    if (first.unknownSeries.length === 0) return { ...first, refusals: series.refusals };
    const gone = new Set(first.unknownSeries);
    this.#writers.forgetRefs(gone);
    const again = this.#writers.resolve(request);
    const second = await this.#sink.append(gatherRows(request, again, (i) => gone.has(series.refs[i]!)));
    return {
      rejected: first.rejected - first.unknownSeries.length + second.rejected,
      rejections: [
        ...first.rejections.filter(({ reason }) => reason !== "unknown_series"),
        ...second.rejections,
      ],
      refusals: again.refusals,
    };
  }

  #decode(body: Uint8Array, headers: IncomingHttpHeaders, columns: WriteColumns): DecodedWrite {
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
    return type.includes(V2_MESSAGE) ? decodeWriteRequestV2(body) : this.#decoder.decode(body, { columns });
  }
}
