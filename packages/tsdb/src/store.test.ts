import { expect, test } from "vitest";
import { labels, NOW_MS, openTestStore, readAll, row, TestDir } from "./test-store.ts";

test("samples are there at once, after sealing, after merging and after a restart", async () => {
  using dir = new TestDir();
  const expected = {
    'up{job="a"}': ["0:1", "15000:1", "30000:0"],
    'up{job="b"}': ["0:1", "30000:0.5"],
  };
  {
    await using store = await openTestStore(dir.path);
    const a = store.series(labels("__name__=up,job=a"));
    const b = store.series(labels("__name__=up,job=b"));
    await store.append([
      row("g", NOW_MS, [
        [a, 1],
        [b, 1],
      ]),
      row("g", NOW_MS + 15_000, [[a, 1]]),
    ]);
    const result = await store.append([
      row("g", NOW_MS + 30_000, [
        [a, 0],
        [b, 0.5],
      ]),
    ]);
    expect(result).toMatchObject({ appended: 2, rejected: 0 });
    expect(await readAll(store)).toEqual(expected);
  }
  {
    await using store = await openTestStore(dir.path);
    expect(await readAll(store)).toEqual(expected);
    await store.compact();
    expect(store.stats()).toMatchObject({ blocks: 1, headSamples: 0, blockSamples: 5 });
    expect(await readAll(store)).toEqual(expected);
  }
  await using store = await openTestStore(dir.path);
  expect(await readAll(store)).toEqual(expected);
});
