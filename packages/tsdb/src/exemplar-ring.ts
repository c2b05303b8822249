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

  /** In no order that is promised. */
  find(range: { startMs: number; endMs: number }, matches: (series: Labels) => boolean): StoredExemplar[] {
    return this.#ring.filter(
      ({ series, timeMs }) => timeMs >= range.startMs && timeMs <= range.endMs && matches(series),
    );
  }
}
