/**
 * From a remote write request (1.0 or 2.0) to the store: decoded, gathered into rows, appended; what was
 * refused is said.
 */
import type { IncomingHttpHeaders } from "node:http";
import { BinnacleError, type Counter, type MetricSink } from "@binnacle/model";
import {
  decodeWriteMessageV2,
  decodeWriteRequestV2,
  WriteColumns,
  WriteRequestDecoder,
  type DecodedWrite,
} from "@binnacle/wire";
import { decompress } from "./decompress.ts";
import { MetricAppender } from "./metric-appender.ts";
import type { PushSummary } from "./push-summary.ts";

/** What version 2 answers beside: how much of each kind was written. */
export interface WriteSummary extends PushSummary {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

const V1_MESSAGE = "prometheus.WriteRequest";
const V2_MESSAGE = "io.prometheus.write.v2.Request";

/** Memory of a request, used again for later ones: what V8 does not see it does not collect. */
interface RequestRoom {
  readonly columns: WriteColumns;
  refs: Uint32Array<ArrayBuffer>;
}

/** Requests whose memory is kept; more at once get memory of their own. */
const ROOMS_KEPT_MAX = 8;

export class RemoteWriteReceiver {
  /** Remembers the series it has seen: most requests bring the same ones again. */
  readonly #decoder = new WriteRequestDecoder();
  readonly #appender: MetricAppender;
  readonly #rooms: RequestRoom[] = [];

  /** As MetricAppender. */
  constructor(sink: MetricSink, rejected?: Counter) {
    this.#appender = new MetricAppender(sink, rejected);
  }

  /**
   * The rest of a request is kept where a part of it is refused. Throws BAD_BODY for what cannot be read at
   * all.
   */
  async receive(body: Uint8Array, headers: IncomingHttpHeaders): Promise<WriteSummary> {
    const room = this.#rooms.pop() ?? { columns: new WriteColumns(), refs: new Uint32Array(1024) };
    try {
      const request = await this.#decode(body, headers, room.columns);
      const count = request.seriesNumbers.length;
      if (room.refs.length < count) room.refs = new Uint32Array(2 * count);
      this.#appender.noteInvalid(request.errorCount);
      const summary = await this.#appender.append(request, room.refs);
      return {
        ...summary,
        refused: request.errorCount + summary.refused,
        reasons: [
          ...request.errors.map(({ series, message }) => `series ${series}: ${message}`),
          ...summary.reasons,
        ],
      };
    } finally {
      if (this.#rooms.length < ROOMS_KEPT_MAX) this.#rooms.push(room);
    }
  }

  async #decode(
    body: Uint8Array,
    headers: IncomingHttpHeaders,
    columns: WriteColumns,
  ): Promise<DecodedWrite> {
    const isV2 = isVersion2(headers["content-type"]);
    const encoding = headers["content-encoding"] ?? "snappy";
    if (encoding === "snappy") {
      return isV2 ? decodeWriteRequestV2(body) : this.#decoder.decode(body, { columns });
    }
    // VictoriaMetrics' agent packs the same message in zstd, which costs it and us less.
    const message = await decompress(body, encoding);
    return isV2 ? decodeWriteMessageV2(message) : this.#decoder.decodeMessage(message, columns);
  }
}

/**
 * Whether the type names the message of version 2. Throws UNSUPPORTED_MEDIA where it names no message known.
 */
function isVersion2(type = "application/x-protobuf"): boolean {
  const [media = "", ...parameters] = type.split(";").map((part) => part.trim());
  const proto = parameters.find((part) => part.startsWith("proto="))?.slice("proto=".length) ?? V1_MESSAGE;
  if (media.toLowerCase() === "application/x-protobuf" && (proto === V1_MESSAGE || proto === V2_MESSAGE)) {
    return proto === V2_MESSAGE;
  }
  throw new BinnacleError(
    "UNSUPPORTED_MEDIA",
    `content type ${type} is not supported: send application/x-protobuf with proto=${V1_MESSAGE} or ${V2_MESSAGE}`,
  );
}
