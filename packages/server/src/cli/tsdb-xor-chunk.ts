/**
 * Decodes Prometheus's chunks of floats: times as differences of differences, values as the exclusive-or with
 * the one before, in a stream of bits.
 *
 *     u16 samples │ varint time, f64 value │ uvarint difference, value │ second difference, value │ …
 *     second difference   0: none │ 10: 14 bits │ 110: 17 │ 1110: 20 │ 1111: 64
 */
import { BinnacleError } from "@binnacle/model";
import { asSigned, BitReader, XorValue } from "./tsdb-bit-reader.ts";

const WIDTHS = [0, 14, 17, 20, 64] as const;

/** Appends the chunk's samples. Throws BAD_BODY that begins with `place` when it ends too early. */
export function decodeXorChunk(data: Buffer, times: number[], values: number[], place: string): void {
  if (data.length < 2) throw new BinnacleError("BAD_BODY", `${place}: a chunk of ${data.length} bytes`);
  const bits = new BitReader(data, 2, place);
  const count = data.readUInt16BE(0);
  const value = new XorValue();
  let timeMs = 0n;
  let delta = 0n;
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      timeMs = zigzag(bits.uvarint());
      value.readFirst(bits);
    } else {
      if (i === 1) delta = bits.uvarint();
      else delta += secondDifference(bits);
      timeMs += delta;
      value.readNext(bits);
    }
    times.push(Number(timeMs));
    values.push(value.value);
  }
}

function secondDifference(bits: BitReader): bigint {
  let ones = 0;
  while (ones < 4 && bits.read(1) === 1n) ones++;
  const width = WIDTHS[ones]!;
  return width === 0 ? 0n : asSigned(bits.read(width), width);
}

function zigzag(value: bigint): bigint {
  return (value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n);
}
