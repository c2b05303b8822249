/**
 * Numbers for label sets, by a hash of how they were written: what a decoder remembers of the series it has
 * seen, 30 bytes each. Open addressing over typed arrays.
 */
import { HASH_WORDS } from "@binnacle/kernels";
import { SERIES_NUMBERS_MAX } from "../limits.ts";

const CAPACITY_FIRST = 1024;

export class SeriesNumbers {
  /** Counts how often all was forgotten: numbers of different epochs have nothing to do with each other. */
  epoch = 0;
  #count = 0;
  /** Number + 1 by place; 0 is free. A quarter to a half of it is in use. */
  #places = new Uint32Array(4 * CAPACITY_FIRST);
  /** HASH_WORDS words a number. */
  #hashes = new Uint32Array(HASH_WORDS * CAPACITY_FIRST);

  /**
   * The number of hash `i` of a column, or −1. `guess` is looked at first: series come in the order in which
   * they came first, so the number after the last one is most often right, and stands in the cache.
   */
  find(hashes: Uint32Array, i: number, guess: number): number {
    const at = HASH_WORDS * i;
    const a = hashes[at]!;
    const b = hashes[at + 1]!;
    const c = hashes[at + 2]!;
    const d = hashes[at + 3]!;
    const known = this.#hashes;
    const g = HASH_WORDS * guess;
    if (
      guess < this.#count &&
      known[g] === a &&
      known[g + 1] === b &&
      known[g + 2] === c &&
      known[g + 3] === d
    ) {
      return guess;
    }
    const places = this.#places;
    const mask = places.length - 1;
    for (let place = a & mask; ; place = (place + 1) & mask) {
      const number = places[place]! - 1;
      if (number < 0) return -1;
      const k = HASH_WORDS * number;
      if (known[k] === a && known[k + 1] === b && known[k + 2] === c && known[k + 3] === d) return number;
    }
  }

  /** Gives the next number to a hash that has none. */
  add(hashes: Uint32Array, i: number): number {
    if (this.#count * HASH_WORDS === this.#hashes.length) this.#grow();
    const number = this.#count++;
    this.#hashes.set(hashes.subarray(HASH_WORDS * i, HASH_WORDS * (i + 1)), HASH_WORDS * number);
    this.#place(number);
    return number;
  }

  #place(number: number): void {
    const mask = this.#places.length - 1;
    let place = this.#hashes[HASH_WORDS * number]! & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = number + 1;
  }

  #grow(): void {
    const hashes = new Uint32Array(2 * this.#hashes.length);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#places = new Uint32Array(2 * this.#places.length);
    for (let number = 0; number < this.#count; number++) this.#place(number);
  }

  /** Forgets all once there are SERIES_NUMBERS_MAX. */
  forgetWhenFull(): void {
    if (this.#count < SERIES_NUMBERS_MAX) return;
    this.epoch++;
    this.#count = 0;
    this.#places.fill(0);
  }
}
