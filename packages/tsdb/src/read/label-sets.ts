/**
 * Label sets by what they say, whatever they come from: each text gets a number, and a set is the numbers of
 * its names and values. So the same series is found in blocks and heads that number their texts differently,
 * without a text made of each set.
 */
import { Labels } from "@binnacle/model";
import { U32List } from "../head/u32-list.ts";

export class LabelSets {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  /** Numbers of name, value, … of all sets; those of set i end at ends[i]. */
  readonly #words = new U32List(256);
  readonly #ends = new U32List(32);
  /** By hash: a set, plus one. Half of it stays empty. */
  #table = new Uint32Array(64);
  readonly #labels: Labels[] = [];

  get count(): number {
    return this.#ends.length;
  }

  numberOf(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#texts.length;
      this.#numbers.set(text, number);
      this.#texts.push(text);
    }
    return number;
  }

  /** −1 for a text that no set has. */
  findNumber(text: string): number {
    return this.#numbers.get(text) ?? -1;
  }

  /** Which set the first `length` numbers are; a new one where there was none. */
  add(numbers: Uint32Array, length: number): number {
    const slot = this.#slotOf(numbers, length);
    if (this.#table[slot] !== 0) return this.#table[slot]! - 1;
    const set = this.count;
    for (let i = 0; i < length; i++) this.#words.push(numbers[i]!);
    this.#ends.push(this.#words.length);
    this.#table[slot] = set + 1;
    if (this.count * 2 > this.#table.length) this.#grow();
    return set;
  }

  /** The same of a set that is here already; −1 where there is none. */
  find(numbers: Uint32Array, length: number): number {
    return this.#table[this.#slotOf(numbers, length)]! - 1;
  }

  /** The set itself: the same object each time. */
  labels(set: number): Labels {
    let labels = this.#labels[set];
    if (labels === undefined) {
      const pairs: string[] = [];
      for (let i = this.#start(set); i < this.#ends.at(set); i++) pairs.push(this.#texts[this.#words.at(i)]!);
      labels = this.#labels[set] = Labels.fromSortedPairs(pairs);
    }
    return labels;
  }

  #start(set: number): number {
    return set === 0 ? 0 : this.#ends.at(set - 1);
  }

  /** Where in the table a set stands, or would stand. */
  #slotOf(numbers: Uint32Array, length: number): number {
    const mask = this.#table.length - 1;
    let slot = hashOf(numbers, 0, length) & mask;
    while (this.#table[slot] !== 0 && !this.#equals(this.#table[slot]! - 1, numbers, length)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #equals(set: number, numbers: Uint32Array, length: number): boolean {
    const start = this.#start(set);
    if (this.#ends.at(set) - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#words.at(start + i) !== numbers[i]) return false;
    return true;
  }

  #grow(): void {
    this.#table = new Uint32Array(this.#table.length * 2);
    const mask = this.#table.length - 1;
    const words = this.#words.view();
    for (let set = 0; set < this.count; set++) {
      let slot = hashOf(words, this.#start(set), this.#ends.at(set)) & mask;
      while (this.#table[slot] !== 0) slot = (slot + 1) & mask;
      this.#table[slot] = set + 1;
    }
  }
}

function hashOf(words: Uint32Array, from: number, to: number): number {
  let hash = 0x9e3779b9;
  for (let i = from; i < to; i++) {
    hash = Math.imul(hash ^ words[i]!, 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
