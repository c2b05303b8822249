/**
 * Pages whose bytes are wrong and whose checksums are right: as a program with a mistake, or a person with a
 * purpose, would write them. Every decoder must say CORRUPT_DATA with its place, or read something; it must
 * not hang, nor take memory on a number's word. BINNACLE_MUTATIONS says how many are tried.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BinnacleError, Labels, seededRandom, type LogBlock, type Random } from "@binnacle/model";
import { expect, test } from "vitest";
import { ByteWriter } from "../bytes.ts";
import { BlockCache } from "../read/block-cache.ts";
import { findFault } from "../read/find-fault.ts";
import { readerOf } from "../read/part-reader.ts";
import { NOON_NS, TestFolder } from "../testing/fixtures.ts";
import { compress, decompress } from "./block-codec.ts";
import { needleOf } from "./needle.ts";
import { PartFile } from "./part-file.ts";
import {
  encodeHeader,
  encodePage,
  encodeTrailer,
  PAGE_HEADER_BYTES,
  TRAILER_BYTES,
  type PagePlace,
} from "./part-format.ts";
import { encodeIndex, pagesOf, type BlockEntry, type RunEntry } from "./part-index.ts";
import { PartWriter } from "./part-writer.ts";

const MUTATIONS = Number(process.env["BINNACLE_MUTATIONS"] ?? 400);
const RAW_BYTES_MAX = 2 ** 24;

/**
 * Lines of every kind of column: constants, numbers of every kind, words of few and many values, raw ones.
 */
function sampleLine(i: number, random: Random): string {
  const kinds = [
    () => `GET /a/${i} took ${random.below(900)} ms from 10.0.0.${random.below(255)}`,
    () => `id=${random.below(1e9).toString(16).padStart(8, "0")} v1 user7 x${i % 5}y`,
    () => `\0 whole ${"z".repeat(i % 30)}`,
    () => `word${"abcdefgh"[i % 8]!}1 ${String(i).padStart(6, "0")} ${Math.sin(i).toString(36)}`,
    () => "",
  ];
  return kinds[random.below(kinds.length)]!();
}

function sampleBlock(labels: Labels, lines: number, random: Random): LogBlock {
  const encoded = Array.from({ length: lines }, (_, i) => Buffer.from(sampleLine(i, random)));
  const offsets = new Uint32Array(lines + 1);
  encoded.forEach((bytes, i) => (offsets[i + 1] = offsets[i]! + bytes.length));
  return {
    labels,
    timesNs: BigInt64Array.from(encoded, (_, i) => NOON_NS + BigInt(i) * 1_000_003n),
    bytes: Buffer.concat(encoded),
    offsets,
    metadata: encoded.map((_, i) => (i % 9 === 0 ? ["trace", String(i)] : undefined)),
  };
}

/** A part taken apart into its unpacked pages. */
interface Pages {
  readonly file: Buffer;
  readonly blocks: readonly BlockEntry[];
  readonly streams: readonly Labels[];
  readonly runs: readonly RunEntry[];
  /** Page by page as they lie: those of the blocks, then the templates, then the index. */
  readonly raw: readonly Uint8Array[];
}

function takeApart(path: string): Pages {
  using part = new PartFile(path);
  const { blocks, streams, runs, templates } = part.index;
  const places = [...blocks.flatMap(pagesOf), templates];
  const raw = places.map((place) => decompress(part.readPage(place), RAW_BYTES_MAX, path));
  const entries = Array.from({ length: runs.stream.length }, (_, i) => ({
    stream: runs.stream[i]!,
    block: runs.block[i]!,
    lines: runs.lines[i]!,
    minNs: runs.minNs[i]!,
    maxNs: runs.maxNs[i]!,
  }));
  const file = readFileSync(path);
  const indexAt = templates.offset + 2 * templates.bytes;
  const indexBytes = (file.length - 2 * TRAILER_BYTES - indexAt) / 2;
  const payload = file.subarray(indexAt + PAGE_HEADER_BYTES + 4, indexAt + indexBytes);
  raw.push(decompress(payload, RAW_BYTES_MAX, path));
  return { file, blocks, streams, runs: entries, raw };
}

/** The part again, with one page's bytes given: every checksum and place is right. */
function putTogether(pages: Pages, changed: number, bytes: Uint8Array): Buffer {
  const pieces: Uint8Array[] = [encodeHeader()];
  let at = pieces[0]!.length;
  const place = (payload: Uint8Array): PagePlace => {
    const page = encodePage(payload);
    pieces.push(page);
    at += page.length;
    return { offset: at - page.length, bytes: page.length };
  };
  let next = 0;
  const page = (): PagePlace => {
    const raw = next === changed ? bytes : pages.raw[next]!;
    next++;
    return place(compress(raw, 1));
  };
  const blocks = pages.blocks.map((block) => ({
    ...block,
    times: page(),
    directory: page(),
    rows: page(),
    text: block.text.map(page),
    metadata: block.metadata === undefined ? undefined : page(),
  }));
  const templates = page();
  // What all blocks need stands twice.
  pieces.push(pieces[pieces.length - 1]!);
  at += templates.bytes;
  const index = next === changed ? bytes : encodeIndex(pages.streams, blocks, pages.runs, templates);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, index.length, true);
  const indexPlace = place(Buffer.concat([length, compress(index, 1)]));
  const trailer = encodeTrailer(indexPlace);
  pieces.push(pieces[pieces.length - 1]!, trailer, trailer);
  return Buffer.concat(pieces);
}

function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = Buffer.from(bytes);
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(Math.max(1, changed.length));
    const kind = random.below(6);
    if (kind === 0) changed[at] = random.below(256);
    else if (kind === 1) changed[at]! ^= 1 << random.below(8);
    // Large numbers, where a varint or a fixed one may stand.
    else if (kind === 2) changed.subarray(at, at + 1 + random.below(9)).fill(0xff);
    else if (kind === 5) {
      const writer = new ByteWriter(8);
      writer.varint(2 ** (7 + random.below(45)));
      return Buffer.concat([changed.subarray(0, at), writer.written(), changed.subarray(at + 1)]);
    } else if (kind === 3) return changed.subarray(0, at);
    else return Buffer.concat([changed.subarray(0, at), Buffer.alloc(random.below(20), random.below(256))]);
  }
  return changed;
}

/** Reads all there is, in every way it is read. */
function readAll(path: string): string {
  using part = new PartFile(path);
  let faults = "";
  for (let block = 0; block < part.index.blocks.length; block++) {
    faults += findFault(part, block) ?? "";
    try {
      const text = readerOf(part, new BlockCache(2 ** 24)).block(block);
      for (const literal of ["took", "7", "zz", "10.0.0"]) text.find(needleOf(Buffer.from(literal)));
    } catch (error) {
      if (!(error instanceof BinnacleError)) throw error;
      faults += error.message;
    }
  }
  part.readTemplates();
  return faults;
}

for (const [name, lines] of [
  ["of templates", 900],
  // Too few lines for templates to pay.
  ["of plain text", 4],
] as const) {
  test(`mutated pages ${name} are told, or read`, { timeout: 3_600_000 }, () => {
    using folder = new TestFolder();
    const path = join(folder.path, "x.part");
    const random = seededRandom(lines);
    {
      using writer = new PartWriter(path, 3);
      for (const app of ["a", "b"]) {
        const block = sampleBlock(Labels.fromObject({ app }), lines, random);
        writer.beginStream(block.labels);
        writer.add(block, 0, lines);
      }
      expect(writer.finish()).toBe(true);
    }
    const pages = takeApart(path);
    // Put together unchanged it is as good as it was.
    writeFileSync(path, putTogether(pages, -1, new Uint8Array(0)));
    expect(readAll(path)).toBe("");
    let told = 0;
    for (let i = 0; i < MUTATIONS; i++) {
      const seeded = seededRandom(i);
      const changed = i % pages.raw.length;
      const what = `mutation ${i} of page ${changed} of ${pages.raw.length}`;
      writeFileSync(path, putTogether(pages, changed, mutate(pages.raw[changed]!, seeded)));
      const startMs = performance.now();
      try {
        if (readAll(path) !== "") told++;
      } catch (error) {
        expect(error, what).toBeInstanceOf(BinnacleError);
        expect((error as BinnacleError).code, what).toBe("CORRUPT_DATA");
        expect((error as BinnacleError).message, what).toContain(path);
        told++;
      }
      expect(performance.now() - startMs, `${what} took long`).toBeLessThan(5000);
    }
    expect(told).toBeGreaterThan(MUTATIONS / 4);
  });
}
