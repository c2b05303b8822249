/** The bound of the cache, and who goes first. */
import { expect, test } from "vitest";
import { PageCache, type Kept } from "./page-cache.ts";

function item(bytes: number): Kept {
  return { bytes, isUsed: false, isGone: false };
}

test("what is used again stays, what is not goes, and the bound holds", () => {
  const cache = new PageCache(100);
  const used = item(20);
  cache.keep(used);
  const others = Array.from({ length: 50 }, () => item(20));
  for (const other of others) {
    used.isUsed = true;
    cache.keep(other);
    expect(cache.bytes).toBeLessThanOrEqual(100);
    expect(other.isGone).toBe(false);
  }
  expect(used.isGone).toBe(false);
  expect(others.filter(({ isGone }) => !isGone)).toHaveLength(4);
});

test("what grows makes the others go, and is counted as it leaves", () => {
  const cache = new PageCache(100);
  const [a, b] = [item(40), item(40)];
  cache.keep(a);
  cache.keep(b);
  cache.grow(a, 50);
  expect([a.isGone, b.isGone, cache.bytes]).toEqual([false, true, 90]);
  cache.keep(item(30));
  expect([a.isGone, cache.bytes]).toEqual([true, 30]);
  cache.grow(a, 10);
  expect(cache.bytes).toBe(30);
});

test("one item larger than the bound is kept as long as it is the newest", () => {
  const cache = new PageCache(0);
  const first = item(10);
  cache.keep(first);
  expect(first.isGone).toBe(false);
  cache.keep(item(10));
  expect([first.isGone, cache.bytes]).toEqual([true, 10]);
});
