/**
 * The first entries of many streams in the order of time, held in a heap whose root is the one to give up
 * next.
 */
import type { Labels, QueryContext } from "@binnacle/model";
import type { LogEntry } from "./log-entry.ts";

interface Held {
  readonly labels: Labels;
  readonly entry: LogEntry;
  /** Of two at one time the one that was added first comes first. */
  readonly order: number;
}

/** Bytes of an entry beside its line, roughly. */
const ENTRY_BYTES = 200;

export class TopEntries {
  readonly #heap: Held[] = [];
  readonly #limit: number;
  readonly #isBackward: boolean;
  readonly #context: QueryContext;
  #added = 0;

  constructor(limit: number, isBackward: boolean, context: QueryContext) {
    this.#limit = limit;
    this.#isBackward = isBackward;
    this.#context = context;
  }

  /** The time beyond which nothing is wanted any more. */
  get horizonNs(): bigint | undefined {
    return this.#heap.length < this.#limit ? undefined : this.#heap[0]?.entry.timeNs;
  }

  /** Whether an entry of this time would be kept. Within a stream, once not, never again. */
  wants(timeNs: bigint): boolean {
    const horizonNs = this.horizonNs;
    if (horizonNs === undefined) return this.#limit > 0;
    return this.#isBackward ? timeNs > horizonNs : timeNs < horizonNs;
  }

  /** Takes an entry that is wanted. */
  add(labels: Labels, entry: LogEntry): void {
    const held: Held = { labels, entry, order: this.#added++ };
    this.#context.chargeBytes(entry.line.length + ENTRY_BYTES);
    if (this.#heap.length < this.#limit) {
      this.#heap.push(held);
      this.#rise(this.#heap.length - 1);
      return;
    }
    this.#context.release({ bytes: this.#heap[0]!.entry.line.length + ENTRY_BYTES });
    this.#heap[0] = held;
    this.#sink(0);
  }

  /** In the direction of the query. */
  sorted(): Held[] {
    return [...this.#heap].sort((a, b) => this.#compare(a, b));
  }

  /** Those that keep a distance from the one before, as many as asked for. */
  spaced(intervalNs: bigint, limit: number): Held[] {
    const kept: Held[] = [];
    let lastNs: bigint | undefined;
    for (const held of this.sorted()) {
      if (kept.length === limit) break;
      const { timeNs } = held.entry;
      const gapNs = lastNs === undefined ? intervalNs : this.#isBackward ? lastNs - timeNs : timeNs - lastNs;
      if (gapNs < intervalNs) continue;
      kept.push(held);
      lastNs = timeNs;
    }
    return kept;
  }

  #compare(a: Held, b: Held): number {
    const x = a.entry.timeNs;
    const y = b.entry.timeNs;
    if (x === y) return a.order - b.order;
    return x < y === this.#isBackward ? 1 : -1;
  }

  #rise(start: number): void {
    const heap = this.#heap;
    for (let at = start; at > 0;) {
      const parent = (at - 1) >>> 1;
      if (this.#compare(heap[parent]!, heap[at]!) >= 0) return;
      [heap[parent], heap[at]] = [heap[at]!, heap[parent]!];
      at = parent;
    }
  }

  #sink(start: number): void {
    const heap = this.#heap;
    for (let at = start; ;) {
      let largest = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && this.#compare(heap[child]!, heap[largest]!) > 0) largest = child;
      }
      if (largest === at) return;
      [heap[largest], heap[at]] = [heap[at]!, heap[largest]!];
      at = largest;
    }
  }
}
