/**
 * Protobuf and snappy by hand, as other programs write them: tests of what they send must not go through our
 * own encoders.
 */

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** A field of bytes: a message, or a text. */
export function bytesField(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

export function intField(number: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(number << 3), varint(value)]);
}

/** fixed64 */
export function fixedField(number: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return Buffer.concat([varint((number << 3) | 1), bytes]);
}

/** A block of literals only, which is a block like any other. */
export function snappyLiterals(data: Buffer): Buffer {
  const parts = [varint(data.length)];
  for (let at = 0; at < data.length; at += 60_000) {
    const chunk = data.subarray(at, at + 60_000);
    const length = Buffer.alloc(3);
    length[0] = 61 << 2;
    length.writeUInt16LE(chunk.length - 1, 1);
    parts.push(length, chunk);
  }
  return Buffer.concat(parts);
}
