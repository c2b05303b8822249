/** Random columns of the doubles that codecs get wrong. */
import { setStaleAt, wordsOf, type Random } from "@binnacle/model";

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)]!;
}

const ODD_VALUES: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.1,
  1 / 3,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  2.2250738585072014e-308,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53),
  2 ** 49,
  2 ** 49 - 1,
  2 ** 63,
  1e15,
  1e16,
  1e22,
  1e-15,
  123456.789,
  0.1 + 0.2,
  4.35,
  1e300,
];

/**
 * A column of one character: constant, counter, gauge, decimals, random bits, odd ones, or sums of decimals,
 * or a mix of them.
 */
export function randomColumn(random: Random, count: number): Float64Array {
  const values = new Float64Array(count);
  const words = wordsOf(values);
  const kind = random.below(9);
  let value = random.below(1000);
  for (let i = 0; i < count; i++) {
    const now = kind === 8 ? random.below(8) : kind;
    if (now === 1) values[i] = value += 7;
    else if (now === 2) values[i] = value += random.below(50);
    else if (now === 3) values[i] = (random.below(100_000) - 50_000) / 10 ** random.below(5);
    else if (now === 4) words.set([random.below(2 ** 32), random.below(2 ** 32)], 2 * i);
    else if (now === 5) values[i] = pick(random, ODD_VALUES);
    else if (now === 6) values[i] = Math.fround(random.next() * 3e5);
    else if (now === 7) values[i] = value += random.below(1e6) / 1e9;
    else values[i] = value;
    if (kind !== 0 && random.next() < 0.01) setStaleAt(words, i);
  }
  return values;
}
