import { seededRandom, type Random } from "@binnacle/model";
import { compressSync, uncompressSync } from "snappy";
import { expect, test } from "vitest";
import { snappyDecompressInto } from "./snappy.ts";

const room = (length: number): Uint8Array => new Uint8Array(length).fill(0xaa);

/** Content with copies of all distances: words, runs of one byte, and noise. */
function content(random: Random): Uint8Array {
  const bytes = Buffer.alloc(random.below(random.below(4) === 0 ? 300_000 : 2000));
  for (let at = 0; at < bytes.length;) {
    const size = Math.min(1 + random.below(100), bytes.length - at);
    if (at > 0 && random.below(3) > 0) {
      const distance = 1 + random.below(Math.min(at, random.below(2) === 0 ? 20 : 70_000));
      for (let i = 0; i < size; i++) bytes[at + i] = bytes[at + i - distance]!;
    } else {
      for (let i = 0; i < size; i++) bytes[at + i] = random.below(256);
    }
    at += size;
  }
  return bytes;
}

test("what snappy packed is unpacked by the kernel", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const bytes = content(seededRandom(seed));
    const unpacked = snappyDecompressInto(compressSync(bytes), room);
    expect(Buffer.compare(unpacked, bytes), `seed ${seed}`).toBe(0);
  }
});

test("elements that the library never writes are unpacked as well", () => {
  // Six bytes; then a copy of four bytes, six back, its distance in four bytes.
  const block = Buffer.from([10, 5 << 2, ...Buffer.from("abcdef"), (3 << 2) | 3, 6, 0, 0, 0]);
  expect(Buffer.from(snappyDecompressInto(block, room)).toString()).toBe("abcdefabcd");
  // A literal whose length stands in four bytes.
  const long = Buffer.from([3, 63 << 2, 2, 0, 0, 0, ...Buffer.from("xyz")]);
  expect(Buffer.from(snappyDecompressInto(long, room)).toString()).toBe("xyz");
});

test("a damaged block gives what the library makes of it, or is refused", () => {
  const random = seededRandom(7);
  let refused = 0;
  for (let i = 0; i < 3000; i++) {
    const block = Buffer.from(compressSync(content(seededRandom(i % 40))));
    const cut = random.below(3) === 0 ? block.subarray(0, random.below(block.length)) : block;
    // The length in front stays: the library allocates whatever it says.
    if (cut.length > 4) cut[4 + random.below(cut.length - 4)] = random.below(256);
    let expected: Uint8Array | undefined;
    try {
      expected = uncompressSync(cut, { asBuffer: true }) as Buffer;
    } catch {
      refused++;
    }
    if (expected === undefined) {
      expect(() => snappyDecompressInto(cut, room), `round ${i}`).toThrow("not a snappy block");
    } else {
      expect(Buffer.compare(snappyDecompressInto(cut, room), expected), `round ${i}`).toBe(0);
    }
  }
  expect(refused).toBeGreaterThan(500);
});
