/** The footer of a block: what it holds, and where each page stands. It ends each copy of the index. */
import { ByteReader, ByteWriter } from "../bytes.ts";

export const SECTIONS = ["values", "times", "symbols", "series", "labels"] as const;
export type SectionName = (typeof SECTIONS)[number];

/**
 * Where the pages of a section stand; page i holds the items firsts[i] … firsts[i + 1] − 1. Offsets count
 * from the beginning of the values, or of the index; in version 1 from that of the file.
 */
export interface Section {
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
  readonly firsts: readonly number[];
}

export interface BlockFacts {
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly seriesCount: number;
  readonly sampleCount: number;
  readonly symbolCount: number;
  readonly columnCount: number;
  /** Oldest generation of the head whose samples are in it; undefined in version 1, which does not say. */
  readonly oldestGeneration: number | undefined;
}

export interface Footer extends BlockFacts {
  readonly sections: Readonly<Record<SectionName, Section>>;
  /** First symbol of each page of symbols. */
  readonly symbolKeys: readonly string[];
}

export function encodeFooter(footer: Footer): Uint8Array {
  const writer = new ByteWriter(4096);
  writer.zigzag(footer.minTimeMs);
  writer.zigzag(footer.maxTimeMs);
  writer.varint(footer.seriesCount);
  writer.varint(footer.sampleCount);
  writer.varint(footer.symbolCount);
  writer.varint(footer.columnCount);
  if (footer.oldestGeneration !== undefined) writer.varint(footer.oldestGeneration);
  for (const name of SECTIONS) {
    const { offsets, lengths, firsts } = footer.sections[name];
    writer.varint(offsets.length);
    let end = 0;
    for (const [i, offset] of offsets.entries()) {
      writer.varint(offset - end);
      writer.varint(lengths[i]!);
      writer.varint(firsts[i]! - (i === 0 ? 0 : firsts[i - 1]!));
      end = offset + lengths[i]!;
    }
  }
  for (const key of footer.symbolKeys) writer.text(key);
  return writer.take();
}

export function decodeFooter(bytes: Uint8Array, place: string, version: number): Footer {
  const reader = new ByteReader(bytes, place);
  const facts = {
    minTimeMs: reader.zigzag(),
    maxTimeMs: reader.zigzag(),
    seriesCount: reader.varint(),
    sampleCount: reader.varint(),
    symbolCount: reader.varint(),
    columnCount: reader.varint(),
    oldestGeneration: version === 1 ? undefined : reader.varint(),
  };
  const sections = {} as Record<SectionName, Section>;
  for (const name of SECTIONS) sections[name] = decodeSection(reader);
  const symbolKeys = sections.symbols.offsets.map(() => reader.text());
  return { ...facts, sections, symbolKeys };
}

function decodeSection(reader: ByteReader): Section {
  const count = reader.count(reader.length, "pages");
  const offsets: number[] = [];
  const lengths: number[] = [];
  const firsts: number[] = [];
  let end = 0;
  let first = 0;
  for (let i = 0; i < count; i++) {
    const offset = end + reader.varint();
    const length = reader.varint();
    first += reader.varint();
    offsets.push(offset);
    lengths.push(length);
    firsts.push(first);
    end = offset + length;
  }
  return { offsets, lengths, firsts };
}
