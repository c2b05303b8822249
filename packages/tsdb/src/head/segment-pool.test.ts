import { expect, test } from "vitest";
import { ARENA_SEGMENT_BYTES } from "../limits.ts";
import { SharedArena } from "./arena.ts";
import { SegmentPool } from "./segment-pool.ts";

/** An arena with so many segments, each full of ones. */
function filledArena(pool: SegmentPool, segments: number): SharedArena {
  const arena = new SharedArena(pool);
  for (let i = 0; i < segments; i++) arena.allocate(ARENA_SEGMENT_BYTES);
  for (const segment of arena.segments) new Uint8Array(segment).fill(1);
  return arena;
}

test("what was given back is taken again, as zeros", () => {
  const pool = new SegmentPool();
  const { segments } = filledArena(pool, 3);
  pool.give(segments);
  const taken = [pool.take(), pool.take(), pool.take()];
  expect(new Set(taken)).toEqual(new Set(segments));
  for (const segment of taken) expect(new Uint8Array(segment).every((byte) => byte === 0)).toBe(true);
  expect(segments).not.toContain(pool.take());
});

test("as much is kept as the last generation had", () => {
  const pool = new SegmentPool();
  const large = filledArena(pool, 5).segments;
  const small = filledArena(pool, 2).segments;
  pool.give(large);
  pool.give(small);
  const kept = [pool.take(), pool.take(), pool.take()].filter(
    (it) => large.includes(it) || small.includes(it),
  );
  expect(kept).toHaveLength(2);
});

test("a segment of another size is not kept", () => {
  const pool = new SegmentPool();
  const arena = new SharedArena(pool);
  arena.allocate(ARENA_SEGMENT_BYTES + 8);
  pool.give(arena.segments);
  expect(arena.segments).not.toContain(pool.take());
});
