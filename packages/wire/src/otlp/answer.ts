/**
 * What OTLP over HTTP answers: how much was left out and why, or an error as google.rpc.Status; in the
 * encoding of the request. https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
 */
import { ProtobufWriter } from "../protobuf/writer.ts";

export type OtlpEncoding = "protobuf" | "json";

export interface PartialSuccess {
  /** Points, records or spans; 0 with a message is a warning. */
  readonly rejected: number;
  readonly message: string;
}

/** Of the protocol's three answers only the name of the count differs; in protobuf it is field 1 in all. */
export function encodeOtlpAnswer(
  partial: PartialSuccess | undefined,
  encoding: OtlpEncoding,
  countName: "rejectedDataPoints" | "rejectedLogRecords",
): Uint8Array {
  if (encoding === "json") {
    // 64-bit integers are texts in protobuf's JSON.
    const partialSuccess =
      partial === undefined
        ? undefined
        : { [countName]: String(partial.rejected), errorMessage: partial.message };
    return Buffer.from(JSON.stringify({ partialSuccess }));
  }
  if (partial === undefined) return new Uint8Array(0);
  const writer = new ProtobufWriter();
  writer.message(1, () => {
    if (partial.rejected > 0) writer.int64(1, partial.rejected);
    if (partial.message !== "") writer.string(2, partial.message);
  });
  return writer.written;
}

/** google.rpc.Status, whose codes are gRPC's. */
export function encodeOtlpError(status: number, message: string, encoding: OtlpEncoding): Uint8Array {
  const code = GRPC_CODES.get(status) ?? (status < 500 ? GRPC_INVALID_ARGUMENT : GRPC_INTERNAL);
  if (encoding === "json") return Buffer.from(JSON.stringify({ code, message }));
  const writer = new ProtobufWriter();
  writer.uint32(1, code);
  writer.string(2, message);
  return writer.written;
}

const GRPC_INVALID_ARGUMENT = 3;
const GRPC_INTERNAL = 13;
const GRPC_CODES: ReadonlyMap<number, number> = new Map([
  [429, 8],
  [503, 14],
]);
