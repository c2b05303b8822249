/** Randomness as a dependency, so that a seed replays what a test or a bench did. */

export interface Random {
  /** 0 ≤ x < 1. */
  next(): number;
  /** A whole number 0 ≤ x < limit. */
  below(limit: number): number;
}

/** Mulberry32: 32 bits of state, the same numbers for the same seed on every machine. Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, below: (limit) => Math.floor(next() * limit) };
}
