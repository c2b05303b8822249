/**
 * Numbers for the series of one target. A series is known by the bytes of its line before the value, and
 * keeps its slot while it is scraped and for SLOT_IDLE_PARSES_MAX parses after that; then the slot is free
 * for another.
 */
import { SLOT_IDLE_PARSES_MAX } from "../limits.ts";

export class SlotTable {
  readonly #slots = new Map<string, number>();
  /** By slot; undefined where it is free. */
  readonly #identities: (string | undefined)[] = [];
  readonly #free: number[] = [];
  /** By slot: the parse that saw it last, as far as parses care to tell. */
  #seenIn = new Uint32Array(64);
  /** Of idle slots: the first parse that they were missing from. Ascends in the map's order. */
  readonly #idleSince = new Map<number, number>();

  /** Slots in use or idle. */
  get size(): number {
    return this.#slots.size;
  }

  /** One more than the largest slot ever given. */
  get capacity(): number {
    return this.#identities.length;
  }

  /** Notes that a parse saw a slot; answers whether it had seen it before. */
  see(slot: number, parse: number): boolean {
    if (slot >= this.#seenIn.length) {
      const larger = new Uint32Array(2 * this.#identities.length);
      larger.set(this.#seenIn);
      this.#seenIn = larger;
    }
    const wasSeen = this.#seenIn[slot] === parse;
    this.#seenIn[slot] = parse;
    return wasSeen;
  }

  isSeen(slot: number, parse: number): boolean {
    return this.#seenIn[slot] === parse;
  }

  find(identity: string): number | undefined {
    return this.#slots.get(identity);
  }

  add(identity: string): number {
    const slot = this.#free.pop() ?? this.#identities.length;
    this.#identities[slot] = identity;
    this.#slots.set(identity, slot);
    return slot;
  }

  remove(slot: number): void {
    this.#slots.delete(this.#identities[slot]!);
    this.#identities[slot] = undefined;
    this.#idleSince.delete(slot);
    this.#free.push(slot);
  }

  /** Notes which slots a parse has, and which it no longer has. */
  turnOver(change: { present: Iterable<number>; gone: Iterable<number>; parse: number }): void {
    if (this.#idleSince.size > 0) for (const slot of change.present) this.#idleSince.delete(slot);
    for (const slot of change.gone) this.#idleSince.set(slot, change.parse);
  }

  /** Frees the slots that no parse has had for too long. */
  freeIdle(parse: number): void {
    for (const [slot, since] of this.#idleSince) {
      if (parse - since < SLOT_IDLE_PARSES_MAX) return;
      this.remove(slot);
    }
  }
}
