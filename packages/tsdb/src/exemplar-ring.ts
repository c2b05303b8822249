/** The newest exemplars, in memory: a ring, since they are looked at soon or never. */
import type { Labels } from "@binnacle/model";

export interface StoredExemplar {
  readonly series: Labels;
  readonly labels: Labels;
  readonly value: number;
  readonly timeMs: number;
}

export class ExemplarRing {
  readonly #capacity: number;
  readonly #ring: StoredExemplar[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(exemplar: StoredExemplar): void {
    this.#ring[this.#next] = exemplar;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  /** Takes out those that are meant. */
  remove(isMeant: (exemplar: StoredExemplar) => boolean): void {
    const oldestFirst = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
    const kept = oldestFirst.filter((exemplar) => !isMeant(exemplar));
    if (kept.length === this.#ring.length) return;
    this.#ring.splice(0, this.#ring.length, ...kept);
    this.#next = kept.length % this.#capacity;
  }

  /** In no order that is promised. */
  find(range: { startMs: number; endMs: number }, matches: (series: Labels) => boolean): StoredExemplar[] {
    return this.#ring.filter(
      ({ series, timeMs }) => timeMs >= range.startMs && timeMs <= range.endMs && matches(series),
    );
  }
}
