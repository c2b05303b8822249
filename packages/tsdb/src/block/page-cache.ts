/**
 * What a thread keeps in memory because reading it again costs time: unpacked pages, decoded columns. Bounded
 * in bytes; whatever was not asked for since the hand last came by goes first (second chance), so that asking
 * costs no more than setting a mark.
 */

/** Something kept. Its owner asks `isGone` before it uses it, and sets `isUsed` when it does. */
export interface Kept {
  bytes: number;
  isUsed: boolean;
  isGone: boolean;
}

export class PageCache {
  readonly #bytesMax: number;
  readonly #ring: Kept[] = [];
  #hand = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps something new, and lets others go that have no room beside it. */
  keep(item: Kept): void {
    this.#ring.push(item);
    this.#count(item, item.bytes);
  }

  /** Counts bytes that something kept has come to hold since. */
  grow(item: Kept, bytes: number): void {
    if (item.isGone) return;
    item.bytes += bytes;
    this.#count(item, bytes);
  }

  #count(item: Kept, bytes: number): void {
    this.#bytes += bytes;
    // Two rounds at most: the first may only find things in use.
    for (let turns = 2 * this.#ring.length; this.#bytes > this.#bytesMax && turns > 0; turns--) {
      if (this.#hand >= this.#ring.length) this.#hand = 0;
      const next = this.#ring[this.#hand]!;
      if (next === item) this.#hand++;
      else if (next.isUsed) {
        next.isUsed = false;
        this.#hand++;
      } else this.#drop(next);
    }
  }

  #drop(item: Kept): void {
    item.isGone = true;
    this.#bytes -= item.bytes;
    const last = this.#ring.pop()!;
    if (last !== item) this.#ring[this.#hand] = last;
  }
}
