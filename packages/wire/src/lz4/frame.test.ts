/** Frames that lz4's own tool made, and damaged ones. */
import { spawnSync } from "node:child_process";
import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { lz4Decompress } from "./frame.ts";
import { xxh32 } from "./xxh32.ts";

const hasLz4 = spawnSync("lz4", ["--version"]).status === 0;

function pack(content: Uint8Array, flags: readonly string[]): Buffer {
  const { status, stdout, stderr } = spawnSync("lz4", ["-c", ...flags, "-", "-"], {
    input: content,
    maxBuffer: 1 << 28,
  });
  expect(status, stderr.toString()).toBe(0);
  return stdout;
}

/** Words that come again near and far, runs of one byte, and noise. */
function mixed(seed: number, length: number): Buffer {
  const random = seededRandom(seed);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const size = Math.min(1 + random.below(400), length - at);
    const distance = at === 0 ? 0 : 1 + random.below(Math.min(at, random.below(2) === 0 ? 8 : 65_535));
    for (let i = at; i < at + size; i++) {
      bytes[i] = distance === 0 || size < 40 ? random.below(256) : bytes[i - distance]!;
    }
    at += size;
  }
  return bytes;
}

test.each([
  ["", 0x02cc5d05],
  ["a", 0x550d7456],
  ["abc", 0x32d153ff],
  ["Nobody inspects the spammish repetition", 0xe2293b2f],
])("xxh32 of %j", (text, hash) => {
  expect(xxh32(Buffer.from(text))).toBe(hash);
});

test
  .skipIf(!hasLz4)
  .each([
    [["-1"]],
    [["-9"]],
    [["-12", "-BD"]],
    [["-BD", "-B4"]],
    [["-BI", "-B4", "-BX"]],
    [["--no-frame-crc"]],
  ])("what lz4 %j packs", (flags) => {
  for (const length of [0, 1, 12, 13, 100, 70_000, 1_000_000]) {
    const content = mixed(length + 1, length);
    expect(Buffer.compare(lz4Decompress(pack(content, flags)), content), `${length} bytes`).toBe(0);
  }
});

/** What `lz4 -9 --content-size` makes of a file with the text below. */
const HELLO = Buffer.from("BCJNGGxAHgAAAAAAAAByEAAAAG9oZWxsbyAGAABQZWxsbwoAAAAALYIDOQ==", "base64");
const HELLO_TEXT = "hello hello hello hello hello\n";

test("a frame with its content's size, two of them, and one to be skipped between", () => {
  const skipped = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const unpacked = lz4Decompress(Buffer.concat([HELLO, skipped, HELLO]));
  expect(Buffer.from(unpacked).toString()).toBe(HELLO_TEXT + HELLO_TEXT);
  expect(lz4Decompress(new Uint8Array())).toHaveLength(0);
});

/** The byte that begins the last sequence: half of it says nothing, as no copy follows. */
const LAST_TOKEN = 29;

test("every cut and every flipped bit is refused", () => {
  for (let length = 1; length < HELLO.length; length++) {
    expect(() => lz4Decompress(HELLO.subarray(0, length)), `${length} bytes`).toThrow("not lz4");
  }
  for (let bit = 0; bit < HELLO.length * 8; bit++) {
    if (bit >> 3 === LAST_TOKEN && (bit & 7) < 4) continue;
    const flipped = Buffer.from(HELLO);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => lz4Decompress(flipped), `bit ${bit}`).toThrow("the body");
  }
});

test("a bomb is stopped at the limit", () => {
  // One byte, then a copy of it as long as 4,000 bytes of 255 say.
  const block = Buffer.concat([
    Buffer.from([0x1f, 0x61, 1, 0]),
    Buffer.alloc(4000, 255),
    Buffer.from([0, 0]),
  ]);
  const header = Buffer.from([0x60, 0x40]);
  const frame = Buffer.concat([
    Buffer.from([0x04, 0x22, 0x4d, 0x18]),
    header,
    Buffer.from([(xxh32(header) >>> 8) & 0xff]),
    Buffer.from(new Uint32Array([block.length]).buffer),
    block,
    Buffer.alloc(4),
  ]);
  expect(lz4Decompress(frame)).toHaveLength(1 + 19 + 4000 * 255);
  expect(() => lz4Decompress(frame, { bytesMax: 1_000_000 })).toThrow("over 1000000 bytes unpacked");
});
