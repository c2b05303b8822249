/** Label sets beside a Map of their keys. */
import { Labels, seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { LabelSets } from "./label-sets.ts";

test("equal sets are one set, in whatever order they come and however many they are", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const sets = new LabelSets();
    const twin = new Map<string, number>();
    const numbers = new Uint32Array(20);
    for (let i = 0; i < 2000; i++) {
      const labels = Labels.fromObject(
        Object.fromEntries(
          Array.from({ length: random.below(4) }, () => [`n${random.below(3)}`, `v${random.below(12)}`]),
        ),
      );
      for (const [at, text] of labels.pairs.entries()) numbers[at] = sets.numberOf(text);
      const known = twin.get(labels.key());
      expect(sets.find(numbers, labels.pairs.length), `seed ${seed}`).toBe(known ?? -1);
      const set = sets.add(numbers, labels.pairs.length);
      expect(set, `seed ${seed}`).toBe(known ?? twin.size);
      twin.set(labels.key(), set);
      expect(sets.labels(set).equals(labels)).toBe(true);
      expect(sets.labels(set)).toBe(sets.labels(set));
    }
    expect(sets.count).toBe(twin.size);
    expect(sets.findNumber("elsewhere")).toBe(-1);
  }
});
