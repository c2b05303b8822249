/** Text without templates: the lengths of the lines as varints, then their bytes, end to end. */
import { ByteReader, ByteWriter, corrupt } from "../bytes.ts";
import type { TextColumn } from "./text-column.ts";

export function encodePlain({ bytes, offsets }: TextColumn): Uint8Array {
  const writer = new ByteWriter(bytes.length + offsets.length * 2);
  for (let i = 0; i + 1 < offsets.length; i++) writer.varint(offsets[i + 1]! - offsets[i]!);
  writer.bytes(bytes.subarray(offsets[0], offsets.at(-1)));
  return writer.written();
}

/** Throws CORRUPT_DATA naming `what` when the bytes do not give that many lines. */
export function decodePlain(bytes: Uint8Array, lines: number, textBytes: number, what: string): TextColumn {
  const reader = new ByteReader(bytes, what);
  const offsets = new Uint32Array(lines + 1);
  let end = 0;
  for (let i = 0; i < lines; i++) offsets[i + 1] = end += reader.varint();
  if (end !== textBytes || end !== reader.left) {
    throw corrupt(what, `its lines have ${end} bytes, its text ${reader.left}, its index says ${textBytes}`);
  }
  return { bytes: reader.bytes(end), offsets };
}
