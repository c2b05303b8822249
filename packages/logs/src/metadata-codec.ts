/** Structured metadata as bytes: for every line a varint count of pairs, then name and value as texts. */
import type { LineMetadata } from "@binnacle/model";
import type { ByteReader, ByteWriter } from "./bytes.ts";

export function writeMetadata(writer: ByteWriter, pairs: LineMetadata | undefined): void {
  writer.varint(pairs === undefined ? 0 : pairs.length / 2);
  if (pairs !== undefined) for (const part of pairs) writer.text(part);
}

export function readMetadata(reader: ByteReader, lines: number): (LineMetadata | undefined)[] {
  const column: (LineMetadata | undefined)[] = [];
  for (let i = 0; i < lines; i++) {
    const parts = reader.count(2) * 2;
    if (parts === 0) {
      column.push(undefined);
      continue;
    }
    const pairs: string[] = [];
    for (let k = 0; k < parts; k++) pairs.push(reader.text());
    column.push(pairs);
  }
  return column;
}
