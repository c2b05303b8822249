import { Labels, seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { compareSeries } from "../block/series-order.ts";
import { LabelTableReader, LabelTableWriter } from "./label-table.ts";
import { sortedSeries } from "./sorted-series.ts";

test("series are sorted by ranks as they are by their labels", () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seededRandom(seed);
    const writer = new LabelTableWriter();
    const scratch = new Uint32Array(64);
    const all = Array.from({ length: random.below(60) }, (_, i) => {
      // Some have no metric name; texts of different length in UTF-8 and UTF-16.
      const pairs: [string, string][] = [["id", String(i)]];
      if (random.below(4) > 0) pairs.push(["__name__", `m${random.below(4)}`]);
      for (let l = random.below(3); l > 0; l--)
        pairs.push([["a", "Z", "ü", "😀", "\uffff"][random.below(5)]!, "v"]);
      return Labels.from(pairs);
    });
    const addresses = Uint32Array.from(all, (labels) =>
      writer.labelSet(scratch.subarray(0, writer.resolve(labels, scratch))),
    );
    const sorted = sortedSeries(new LabelTableReader(writer.arena.segments), addresses);
    const expected = all.toSorted(compareSeries).map(String);
    expect(
      Array.from(sorted, (i) => all[i]!.toString()),
      `seed ${seed}`,
    ).toEqual(expected);
  }
});
