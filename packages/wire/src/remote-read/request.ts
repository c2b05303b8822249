/** Decodes prometheus.ReadRequest. */
import { BinnacleError, type Matcher, type MatcherOp } from "@binnacle/model";
import { READ_QUERIES_MAX } from "../limits.ts";
import { ProtobufReader } from "../protobuf/reader.ts";
import { snappyDecompress } from "../snappy.ts";

export type ReadResponseType = "samples" | "streamed_xor_chunks";

export interface ReadQuery {
  /** Unix ms, both included. */
  readonly startMs: number;
  readonly endMs: number;
  readonly matchers: readonly Matcher[];
}

export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  /**
   * What the reader takes, what it likes best first. Never empty: a reader that says nothing takes samples.
   */
  readonly accepted: readonly ReadResponseType[];
}

const OPS: readonly MatcherOp[] = ["=", "!=", "=~", "!~"];
const RESPONSE_TYPES: readonly ReadResponseType[] = ["samples", "streamed_xor_chunks"];

/** Takes a snappy block. Throws BAD_BODY, BODY_TOO_LARGE and LIMIT_EXCEEDED. */
export function decodeReadRequest(body: Uint8Array): ReadRequest {
  const reader = new ProtobufReader(snappyDecompress(body));
  const queries: ReadQuery[] = [];
  const types: number[] = [];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) queries.push(readQuery(reader));
    else if (field === 2) reader.repeated(types, "uint32");
    else reader.skip();
    if (queries.length > READ_QUERIES_MAX) {
      throw new BinnacleError(
        "LIMIT_EXCEEDED",
        `a remote read of more than ${READ_QUERIES_MAX} queries is refused (READ_QUERIES_MAX)`,
      );
    }
  }
  const known = types.map((type) => RESPONSE_TYPES[type]).filter((type) => type !== undefined);
  if (types.length > 0 && known.length === 0) {
    throw new BinnacleError("BAD_BODY", `none of the response types ${types.join(", ")} is known`);
  }
  return { queries, accepted: known.length === 0 ? ["samples"] : known };
}

function readQuery(reader: ProtobufReader): ReadQuery {
  const outerEnd = reader.enter();
  let startMs = 0;
  let endMs = 0;
  const matchers: Matcher[] = [];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) startMs = reader.int64();
    else if (field === 2) endMs = reader.int64();
    else if (field === 3) matchers.push(readMatcher(reader));
    else reader.skip();
  }
  reader.leave(outerEnd);
  return { startMs, endMs, matchers };
}

function readMatcher(reader: ProtobufReader): Matcher {
  const outerEnd = reader.enter();
  let type = 0;
  let name = "";
  let value = "";
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 1) type = reader.uint32();
    else if (field === 2) name = reader.string();
    else if (field === 3) value = reader.string();
    else reader.skip();
  }
  reader.leave(outerEnd);
  const op = OPS[type];
  if (op === undefined) reader.fail(`a matcher of type ${type}`);
  return { name, op, value };
}
