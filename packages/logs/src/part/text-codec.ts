/** What a way of packing a block's text must do; block-codec.ts has the table of them. */

/** Lines end to end: line i is bytes[offsets[i], offsets[i + 1]). */
export interface TextColumn {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

export interface TextCodec {
  readonly encoding: number;
  encode(column: TextColumn): Uint8Array;
  /** Throws CORRUPT_DATA naming `what` when the bytes do not give that many lines. */
  decode(bytes: Uint8Array, lines: number, textBytes: number, what: string): TextColumn;
}
