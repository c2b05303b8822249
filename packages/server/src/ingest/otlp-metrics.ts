/** From OTLP's metrics over HTTP to the store. */
import type { IncomingHttpHeaders } from "node:http";
import { BinnacleError } from "@binnacle/model";
import { decodeOtlpMetrics, type OtlpEncoding, type OtlpMetricsOptions } from "@binnacle/wire";
import { decompress } from "./decompress.ts";
import type { MetricAppender } from "./metric-appender.ts";
import type { PushSummary } from "./push-summary.ts";

export class OtlpMetricsReceiver {
  readonly #appender: MetricAppender;
  readonly #options: OtlpMetricsOptions;

  constructor(appender: MetricAppender, options: OtlpMetricsOptions) {
    this.#appender = appender;
    this.#options = options;
  }

  /** Bad points are left out and named, the rest is kept. Throws BAD_BODY for what cannot be read at all. */
  async receive(body: Uint8Array, headers: IncomingHttpHeaders): Promise<PushSummary> {
    const encoding = otlpEncodingOf(headers);
    const unpacked = await decompress(body, headers["content-encoding"]);
    return this.#appender.appendPush(decodeOtlpMetrics(unpacked, encoding, this.#options));
  }
}

/** Throws UNSUPPORTED_MEDIA. */
export function otlpEncodingOf(headers: IncomingHttpHeaders): OtlpEncoding {
  const type = (headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  if (type === "application/json") return "json";
  if (type === "application/x-protobuf") return "protobuf";
  throw new BinnacleError(
    "UNSUPPORTED_MEDIA",
    `content type ${JSON.stringify(type)} is not supported: send application/x-protobuf or application/json`,
  );
}
