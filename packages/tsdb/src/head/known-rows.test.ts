/** Rows that come again are taken as any: held to a store that never sees the same order of series twice. */
import { seededRandom, type AppendResult, type SampleRow } from "@binnacle/model";
import { expect, test } from "vitest";
import { labels, NOW_MS, openTestStore, readAll, TestDir } from "../test-store.ts";

const SERIES = 12;

/** The row with its series in another order: the same samples. */
function turned(row: SampleRow, by: number): SampleRow {
  const { length } = row.series;
  const order = Array.from({ length }, (_, i) => (i + by) % length);
  return {
    ...row,
    series: Uint32Array.from(order, (i) => row.series[i]!),
    values: Float64Array.from(order, (i) => row.values[i]!),
  };
}

const countsOf = ({ appended, rejected }: AppendResult): object => ({ appended, rejected });

test.each([1, 2, 3, 4, 5])("random life, seed %i", async (seed) => {
  const random = seededRandom(seed);
  using dirA = new TestDir();
  using dirB = new TestDir();
  await using known = await openTestStore(dirA.path);
  await using plain = await openTestStore(dirB.path);
  const refsOf = (store: typeof known): number[] =>
    Array.from({ length: SERIES }, (_, i) => store.series(labels(`__name__=m,i=${i}`)));
  let timeMs = NOW_MS - 1_000_000;
  let picked = Array.from({ length: SERIES }, (_, i) => i);
  for (let step = 0; step < 120; step++) {
    const chance = random.below(20);
    if (chance === 0) picked = picked.filter(() => random.below(4) > 0);
    if (chance === 1) picked = Array.from({ length: SERIES }, (_, i) => i);
    if (chance === 2) picked.push(random.below(SERIES));
    if (chance === 3) await Promise.all([known.compact(), plain.compact()]);
    timeMs += chance === 4 ? -30_000 : chance === 5 ? 0 : 15_000;
    const group = chance === 6 ? "other" : "g";
    const values = Float64Array.from(picked, () => random.below(3));
    const rowOf = (refs: readonly number[]): SampleRow => ({
      group,
      timeMs,
      series: Uint32Array.from(picked, (i) => refs[i]!),
      values,
    });
    // Refs are asked for anew, as those do who hear that the store let go of one.
    const a = await known.append([rowOf(refsOf(known))]);
    // Only distinct series mean the same in any order.
    const isDistinct = new Set(picked).size === picked.length;
    const b = await plain.append([turned(rowOf(refsOf(plain)), isDistinct ? step : 0)]);
    expect(countsOf(a), `seed ${seed}, step ${step}`).toEqual(countsOf(b));
  }
  expect(await readAll(known), `seed ${seed}`).toEqual(await readAll(plain));
});
