import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { DELTA_BITS_MAX, packedDeltaBytes, unpackDeltas } from "./index.ts";

function pack(values: readonly bigint[], bits: number): Uint8Array {
  const bytes = new Uint8Array(packedDeltaBytes(values.length + 1, bits));
  let all = 0n;
  values.forEach((value, i) => (all |= value << BigInt(i * bits)));
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number((all >> BigInt(8 * i)) & 0xffn);
  return bytes;
}

test.each([
  { bits: 0, first: 5, base: 2, packed: [0n, 0n], values: [5, 7, 9] },
  { bits: 2, first: 10, base: -1, packed: [0n, 1n, 2n, 3n], values: [10, 9, 9, 10, 12] },
  { bits: 1, first: -1, base: 0, packed: [1n], values: [-1, 0] },
  { bits: 7, first: 0, base: 0, packed: [], values: [0] },
  { bits: 56, first: 1 - 2 ** 53, base: 0, packed: [2n ** 54n - 2n], values: [1 - 2 ** 53, 2 ** 53 - 1] },
])("$bits bits: $values", ({ bits, first, base, packed, values }) => {
  const out = new Float64Array(values.length);
  unpackDeltas(pack(packed, bits), out, { bits, first, base });
  expect([...out]).toEqual(values);
});

test("unpacks what the twin in plain script unpacks, at every width", () => {
  for (let bits = 0; bits <= DELTA_BITS_MAX; bits++) {
    const random = seededRandom(bits + 1);
    const count = 1 + random.below(200);
    // Short enough a run of the widest differences that sums stay within 2^53.
    const width = Math.min(bits, 44);
    const packed = Array.from({ length: count - 1 }, () => BigInt(Math.floor(random.next() * 2 ** width)));
    const base = random.below(2000) - 1000;
    const first = random.below(1000) - 500;
    const expected = [first];
    let sum = first;
    for (const value of packed) expected.push((sum += base + Number(value)));

    const out = new Float64Array(count);
    unpackDeltas(pack(packed, bits), out, { bits, first, base });
    expect([...out], `${bits} bits`).toEqual(expected);
  }
});

test("an empty column stays empty, and a grown memory is seen", () => {
  unpackDeltas(new Uint8Array(), new Float64Array(), { bits: 9, first: 1 });
  const out = new Float64Array(300_000);
  unpackDeltas(new Uint8Array(packedDeltaBytes(out.length, 3)), out, { bits: 3, first: 0, base: 1 });
  expect(out.at(-1)).toBe(299_999);
});

test("too few bytes and too wide differences are mistakes of the caller", () => {
  expect(() => unpackDeltas(new Uint8Array(1), new Float64Array(10), { bits: 8, first: 0 })).toThrow(
    /^BUG: /,
  );
  expect(() => unpackDeltas(new Uint8Array(99), new Float64Array(2), { bits: 57, first: 0 })).toThrow(
    /^BUG: /,
  );
});
