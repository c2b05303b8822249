/** How OTLP over HTTP is answered: 200 with what was left out, or an error as a status message. */
import type { IncomingHttpHeaders } from "node:http";
import { encodeOtlpAnswer, encodeOtlpError, type OtlpEncoding } from "@binnacle/wire";
import type { FastifyReply } from "fastify";
import { otlpEncodingOf } from "../ingest/otlp-metrics.ts";
import type { PushSummary } from "../ingest/push-summary.ts";
import { RETRY_AFTER_S, toBinnacleError } from "./replies.ts";

const MEDIA_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  json: "application/json",
  protobuf: "application/x-protobuf",
};

/** Answers with what `receive` makes of the request. An error that is not the sender's goes on to the log. */
export async function answerOtlp(
  exchange: { readonly headers: IncomingHttpHeaders; readonly reply: FastifyReply },
  countName: "rejectedDataPoints" | "rejectedLogRecords",
  receive: () => Promise<PushSummary>,
): Promise<FastifyReply> {
  const { headers, reply } = exchange;
  let encoding: OtlpEncoding = "json";
  try {
    encoding = otlpEncodingOf(headers);
    const { refused, reasons } = await receive();
    const partial = refused === 0 ? undefined : { rejected: refused, message: reasons.join("; ") };
    const bytes = encodeOtlpAnswer(partial, encoding, countName);
    return await reply.code(200).type(MEDIA_TYPES[encoding]).send(Buffer.from(bytes));
  } catch (error) {
    const known = toBinnacleError(error as Error, "");
    if (known.status === 500) throw error;
    if (known.status === 429 || known.status === 503) void reply.header("retry-after", String(RETRY_AFTER_S));
    const bytes = encodeOtlpError(known.status, known.message, encoding);
    return reply.code(known.status).type(MEDIA_TYPES[encoding]).send(Buffer.from(bytes));
  }
}
