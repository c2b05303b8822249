/** From a Loki push (JSON, or protobuf in snappy) to the log store. */
import type { IncomingHttpHeaders } from "node:http";
import { promisify } from "node:util";
import zlib from "node:zlib";
import { BinnacleError, type LogSink } from "@binnacle/model";
import { BODY_BYTES_MAX, decodeLokiJson, LokiDecoder, type LogPush } from "@binnacle/wire";
import type { PushSummary } from "./push-summary.ts";

const DECOMPRESSORS: Readonly<
  Record<string, (body: Uint8Array, options: zlib.ZlibOptions) => Promise<Buffer>>
> = {
  gzip: promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
};

export class LokiPushReceiver {
  readonly #sink: LogSink;
  /** Remembers the label sets it has seen. */
  readonly #decoder = new LokiDecoder();

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  /** Bad entries are left out and named, the rest is kept. Throws BAD_BODY for what cannot be read at all. */
  async receive(body: Uint8Array, headers: IncomingHttpHeaders): Promise<PushSummary> {
    const push = await this.#decode(body, headers);
    const result = await this.#sink.append(push.streams);
    return {
      refused: push.errorCount + result.rejected,
      reasons: [...push.errors, ...result.rejections].map(({ message }) => message),
    };
  }

  async #decode(body: Uint8Array, headers: IncomingHttpHeaders): Promise<LogPush> {
    const type = (headers["content-type"] ?? "application/x-protobuf").split(";")[0]!.trim().toLowerCase();
    const encoding = headers["content-encoding"] ?? "";
    switch (type) {
      case "application/json":
        return decodeLokiJson(await decompress(body, encoding));
      case "application/x-protobuf":
        // Snappy is the form of protobuf here, named in the header or not.
        if (encoding === "" || encoding === "snappy") return this.#decoder.decode(body);
        return this.#decoder.decodeMessage(await decompress(body, encoding));
      default:
        throw new BinnacleError(
          "UNSUPPORTED_MEDIA",
          `content type ${type} is not supported: send application/json or application/x-protobuf`,
        );
    }
  }
}

/** Throws BODY_TOO_LARGE before more than the limit has been unpacked. */
async function decompress(body: Uint8Array, encoding: string): Promise<Uint8Array> {
  if (encoding === "") return body;
  const unpack = DECOMPRESSORS[encoding];
  if (unpack === undefined) {
    throw new BinnacleError("UNSUPPORTED_MEDIA", `content encoding ${encoding} is not supported`);
  }
  try {
    return await unpack(body, { maxOutputLength: BODY_BYTES_MAX });
  } catch (cause) {
    const isTooLarge = (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge) {
      const message = `the body is over ${BODY_BYTES_MAX} bytes unpacked (BODY_BYTES_MAX)`;
      throw new BinnacleError("BODY_TOO_LARGE", message, { cause });
    }
    throw new BinnacleError("BAD_BODY", `the body is not ${encoding}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
