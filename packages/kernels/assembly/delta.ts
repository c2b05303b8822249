// Unpacking of integers that were stored as differences of a fixed width in bits.

/**
 * `packed` holds count − 1 unsigned integers of `bits` bits (0…56), least significant bit first, without
 * gaps. Writes `count` doubles to `out`: the first is `first`, each next one the one before it plus `base`
 * plus its packed integer. Reads up to 8 bytes past the packed bytes' end; what they hold does not matter.
 *
 * Sums are made in 64-bit integers; the caller promises that each stays within ±2^53, so that each double is
 * exact.
 */
export function unpackDeltas(packed: usize, bits: u32, count: u32, first: i64, base: i64, out: usize): void {
  let value = first;
  if (count == 0) return;
  store<f64>(out, <f64>value);
  const mask: u64 = ((<u64>1) << bits) - 1;
  let bit: usize = 0;
  const outEnd = out + ((<usize>count) << 3);
  for (let to = out + 8; to < outEnd; to += 8) {
    const word = load<u64>(packed + (bit >> 3)) >> (bit & 7);
    value += base + <i64>(word & mask);
    store<f64>(to, <f64>value);
    bit += bits;
  }
}
