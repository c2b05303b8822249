import { expect, test } from "vitest";
import { DAY_NS } from "./layout.ts";
import { planMerge, type MergePlanOptions, type PartSize } from "./merge-plan.ts";

const KB = 1024;

/** `day:generation:KB` for each part. */
function parts(text: string): PartSize[] {
  return text.split(" ").map((word) => {
    const [day, generation, size] = word.split(":").map(Number) as [number, number, number];
    return { day, firstGeneration: generation, lastGeneration: generation, revision: 0, bytes: size * KB };
  });
}

/** Of a moment of a day, through a generation. */
function deletion(day: number, through: number): MergePlanOptions["deletions"][number] {
  const timeNs = BigInt(day) * DAY_NS + 5n;
  return { startNs: timeNs, endNs: timeNs, through };
}

test("merges neighbours of a size, and of one day only", () => {
  const cases: [
    string,
    { isFull?: boolean; maxKb?: number; deletions?: MergePlanOptions["deletions"] },
    number[] | undefined,
  ][] = [
    ["1:1:10 1:2:10 1:3:10", {}, undefined],
    ["1:1:10 1:2:10 1:3:10 1:4:10", {}, [1, 2, 3, 4]],
    ["1:1:10 1:2:10 2:3:10 2:4:10", {}, undefined],
    // The large old one waits until there is more of its size; what is small is merged behind it.
    ["1:1:9000 1:2:10 1:3:10 1:4:10 1:5:10", {}, [2, 3, 4, 5]],
    ["1:1:9000 1:2:9000 1:3:9000 1:4:9000 1:5:10", {}, [1, 2, 3, 4, 5]],
    // Never across one that is too large.
    ["1:1:10 1:2:10 1:3:9000 1:4:10 1:5:10", { maxKb: 5000 }, undefined],
    ["1:1:10 1:2:10 1:3:9000 1:4:10 1:5:10", { maxKb: 5000, isFull: true }, [1, 2]],
    ["1:1:10", { isFull: true }, undefined],
    // Not across a deletion that can be taken back, unless it is about other times.
    ["1:1:10 1:2:10 1:3:10 1:4:10 1:5:10 1:6:10", { deletions: [deletion(1, 2)] }, [3, 4, 5, 6]],
    ["1:1:10 1:2:10 1:3:10 1:4:10", { deletions: [deletion(1, 2)] }, undefined],
    ["1:1:10 1:2:10 1:3:10 1:4:10", { deletions: [deletion(2, 2), deletion(0, 2)] }, [1, 2, 3, 4]],
    ["1:1:10 1:2:10 1:3:10 1:4:10", { deletions: [deletion(1, 4)] }, [1, 2, 3, 4]],
    ["1:1:9000 1:2:10 2:3:10", { isFull: true }, [1, 2]],
  ];
  for (const [text, { isFull = false, maxKb = 1_000_000, deletions = [] }, generations] of cases) {
    const plan = planMerge(parts(text), { partBytesMax: maxKb * KB, isFull, deletions });
    expect(
      plan?.map((part) => part.firstGeneration),
      text,
    ).toEqual(generations);
  }
});

test("each line is rewritten a number of times that grows with the logarithm of what there is", () => {
  let live: PartSize[] = [];
  let written = 0;
  const sealed = 500;
  for (let generation = 1; generation <= sealed; generation++) {
    live.push({
      day: 1,
      firstGeneration: generation,
      lastGeneration: generation,
      revision: 0,
      bytes: 100 * KB,
    });
    for (;;) {
      const plan = planMerge(live, { partBytesMax: Infinity, isFull: false, deletions: [] });
      if (plan === undefined) break;
      const bytes = plan.reduce((sum, part) => sum + part.bytes, 0);
      written += bytes;
      const { firstGeneration } = plan[0]!;
      const { lastGeneration } = plan[plan.length - 1]!;
      live = [
        ...live.filter((part) => !plan.includes(part)),
        { day: 1, firstGeneration, lastGeneration, revision: 0, bytes },
      ];
    }
  }
  expect(live.length).toBeLessThan(20);
  expect(written / (sealed * 100 * KB)).toBeLessThan(8);
});
