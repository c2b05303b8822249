/** Lines end to end: line i is bytes[offsets[i], offsets[i + 1]). */
export interface TextColumn {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}
