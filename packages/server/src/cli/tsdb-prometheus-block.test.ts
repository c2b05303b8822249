import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { decodeHistogramChunk } from "./tsdb-histogram-chunk.ts";
import { readPrometheusBlock } from "./tsdb-prometheus-block.ts";
import { decodeXorChunk } from "./tsdb-xor-chunk.ts";

/** Bits as text, spaces between fields, to bytes. */
function bits(text: string): Buffer {
  const all = text.replaceAll(" ", "");
  return Buffer.from((all.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2)));
}

/** 3 samples: at 1000 the value 1, 15 ms later the same, 16 ms later 2 (all exponent bits but one differ). */
const FIRST = "11010000 00001111 0011111111110000 000000000000000000000000000000000000000000000000";
const CHUNK = Buffer.concat([
  Buffer.from([0, 3]),
  bits(`${FIRST} 00001111 0  10 00000000000001 1 1 00001 001011 11111111111`),
]);

test("a chunk by hand", () => {
  const times: number[] = [];
  const values: number[] = [];
  decodeXorChunk(CHUNK, times, values, "here");
  expect({ times, values }).toEqual({ times: [1000, 1015, 1031], values: [1, 1, 2] });
});

test("a chunk cut short anywhere is refused with its place", () => {
  for (let length = 0; length < CHUNK.length; length++) {
    expect(() => decodeXorChunk(CHUNK.subarray(0, length), [], [], "here"), `${length} bytes`).toThrowError(
      /^here: /,
    );
  }
});

test.for([
  ["no index", Buffer.alloc(100)],
  ["an index of version 1", Buffer.concat([Buffer.from([0xba, 0xaa, 0xd7, 0, 1]), Buffer.alloc(100)])],
] as const)("a block with %s is refused with its file", ([what, index]) => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "binnacle-block-"));
  try {
    fs.writeFileSync(path.join(dir, "meta.json"), "{}");
    fs.writeFileSync(path.join(dir, "index"), index);
    expect(() => readPrometheusBlock(dir)).toThrowError(what);
    expect(() => readPrometheusBlock(dir)).toThrowError(path.join(dir, "index"));
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
});

/** A chunk of one histogram of integers: schema 0, threshold 2^-128, buckets 1 and 2. */
const HISTOGRAM_CHUNK = Buffer.concat([
  Buffer.from([0, 1, 0b10000000]),
  bits(`01110100 0 10001 10010 0 0 1110000000111 10100 0 ${"0".repeat(64)} 10001 10001`),
]);

test("a chunk of histograms by hand", () => {
  const [sample] = decodeHistogramChunk(HISTOGRAM_CHUNK, true, "here");
  expect(sample).toMatchObject({ timeMs: 7 });
  expect(sample!.value).toMatchObject({
    schema: 0,
    counterResetHint: "reset",
    zeroThreshold: 2 ** -128,
    count: 4,
    zeroCount: 0,
    sum: 0,
    positiveSpans: [{ offset: 0, length: 2 }],
    positiveCounts: Float64Array.of(1, 2),
  });
});

test("a chunk of histograms that is cut short or altered is read or refused with its place", () => {
  for (let length = 0; length < HISTOGRAM_CHUNK.length - 1; length++) {
    const cut = HISTOGRAM_CHUNK.subarray(0, length);
    expect(() => decodeHistogramChunk(cut, true, "here"), `${length} bytes`).toThrowError(/^here: /);
  }
  for (let bit = 0; bit < HISTOGRAM_CHUNK.length * 8; bit++) {
    const altered = Buffer.from(HISTOGRAM_CHUNK);
    altered[bit >>> 3]! ^= 1 << (bit & 7);
    for (const isInteger of [true, false]) {
      try {
        decodeHistogramChunk(altered, isInteger, "here");
      } catch (error) {
        expect(error, `bit ${bit}`).toMatchObject({
          code: "BAD_BODY",
          message: expect.stringMatching(/^here: /),
        });
      }
    }
  }
});
