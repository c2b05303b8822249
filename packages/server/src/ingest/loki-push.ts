/** From a Loki push (JSON, or protobuf in snappy) to the log store. */
import type { IncomingHttpHeaders } from "node:http";
import { BinnacleError, type LogSink } from "@binnacle/model";
import { LokiDecoder, type LogPush } from "@binnacle/wire";
import { decompress } from "./decompress.ts";
import type { PushSummary } from "./push-summary.ts";
import { ServiceNames } from "./service-names.ts";

export interface LokiPushOptions {
  /** Whether streams without the label service_name get one, as Loki gives it. */
  readonly discoversServiceName: boolean;
}

export class LokiPushReceiver {
  readonly #sink: LogSink;
  /** Remembers the label sets it has seen. */
  readonly #decoder = new LokiDecoder();

  /** Undefined: streams stay as they come. */
  readonly #serviceNames: ServiceNames | undefined;

  constructor(sink: LogSink, options: LokiPushOptions) {
    this.#sink = sink;
    this.#serviceNames = options.discoversServiceName ? new ServiceNames() : undefined;
  }

  /** Bad entries are left out and named, the rest is kept. Throws BAD_BODY for what cannot be read at all. */
  async receive(body: Uint8Array, headers: IncomingHttpHeaders): Promise<PushSummary> {
    const push = await this.#decode(body, headers);
    return this.store(push);
  }

  /** Takes what another protocol's decoder read. */
  async store(push: LogPush): Promise<PushSummary> {
    const result = await this.#sink.append(this.#serviceNames?.addTo(push.streams) ?? push.streams);
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
        return this.#decoder.decodeJson(await decompress(body, encoding));
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
