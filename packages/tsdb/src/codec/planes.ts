/**
 * Whole numbers of either sign as varints of their zigzags, turned: the first bytes of all, then the second
 * bytes of those that have one, and so on. Bytes of one significance resemble each other more than their
 * neighbours in a number do, so that zstd packs them better; and numbers of one byte, which are most, stand
 * in an array.
 */
import type { ByteReader, ByteWriter } from "../bytes.ts";

/** Bytes a number may have, as a varint. */
const PLANES_MAX = 8;

/** `numbers` are below 2^52 in size; what they hold afterwards is of no use. */
export function writePlanes(writer: ByteWriter, numbers: Float64Array): void {
  let count = numbers.length;
  for (let i = 0; i < count; i++) {
    const number = numbers[i]!;
    numbers[i] = number < 0 ? -2 * number - 1 : 2 * number;
  }
  while (count > 0) {
    let longer = 0;
    for (let i = 0; i < count; i++) {
      const rest = numbers[i]!;
      if (rest < 0x80) {
        writer.u8(rest);
      } else if (rest < 2 ** 31) {
        writer.u8((rest & 0x7f) | 0x80);
        numbers[longer++] = rest >>> 7;
      } else {
        writer.u8((rest % 0x80) | 0x80);
        numbers[longer++] = Math.floor(rest / 0x80);
      }
    }
    count = longer;
  }
}

/** Fills `target`. Here reading spends much of its time. */
export function readPlanes(reader: ByteReader, target: Float64Array): void {
  const first = reader.bytes(target.length);
  const longer = countLonger(first);
  if (longer === 0) {
    for (let i = 0; i < first.length; i++) target[i] = (first[i]! >>> 1) ^ -(first[i]! & 1);
    return;
  }
  const second = reader.bytes(longer);
  const third = reader.bytes(countLonger(second));
  const others = longerPlanes(reader, third);
  let secondAt = 0;
  let thirdAt = 0;
  for (let i = 0; i < target.length; i++) {
    let value = first[i]!;
    if (value >= 0x80) {
      const middle = second[secondAt++]!;
      value = (value & 0x7f) | (middle << 7);
      if (middle >= 0x80) {
        const high = third[thirdAt++]!;
        value = (value & 0x3fff) | (high << 14);
        if (high >= 0x80) {
          target[i] = longNumber(value & 0x1fffff, others);
          continue;
        }
      }
    }
    target[i] = (value >>> 1) ^ -(value & 1);
  }
}

interface Plane {
  readonly bytes: Uint8Array;
  at: number;
}

/** The fourth plane and those after it. */
function longerPlanes(reader: ByteReader, third: Uint8Array): readonly Plane[] {
  const planes: Plane[] = [];
  for (let count = countLonger(third); count > 0;) {
    if (planes.length + 3 === PLANES_MAX) reader.fail(`a number of more than ${PLANES_MAX} bytes`);
    const bytes = reader.bytes(count);
    planes.push({ bytes, at: 0 });
    count = countLonger(bytes);
  }
  return planes;
}

/** The number whose first three bytes are `low`. */
function longNumber(low: number, planes: readonly Plane[]): number {
  let value = low;
  let scale = 2 ** 21;
  for (const plane of planes) {
    const byte = plane.bytes[plane.at++]!;
    value += (byte & 0x7f) * scale;
    scale *= 0x80;
    if (byte < 0x80) break;
  }
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Numbers that have a byte in the next plane. */
function countLonger(plane: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < plane.length; i++) count += plane[i]! >>> 7;
  return count;
}
