/** Encoding 0: the lengths of the lines as varints, then their bytes, end to end. */
import { ByteReader, ByteWriter, corrupt } from "../bytes.ts";
import type { TextCodec } from "./text-codec.ts";

export const TEXT_PLAIN: TextCodec = {
  encoding: 0,

  encode({ bytes, offsets }) {
    const writer = new ByteWriter(bytes.length + offsets.length * 2);
    for (let i = 0; i + 1 < offsets.length; i++) writer.varint(offsets[i + 1]! - offsets[i]!);
    writer.bytes(bytes.subarray(offsets[0], offsets.at(-1)));
    return writer.written();
  },

  decode(bytes, lines, textBytes, what) {
    const reader = new ByteReader(bytes, what);
    const offsets = new Uint32Array(lines + 1);
    let end = 0;
    for (let i = 0; i < lines; i++) offsets[i + 1] = end += reader.varint();
    if (end !== textBytes || end !== reader.left) {
      throw corrupt(
        what,
        `its lines have ${end} bytes, its text ${reader.left}, its index says ${textBytes}`,
      );
    }
    return { bytes: reader.bytes(end), offsets };
  },
};
