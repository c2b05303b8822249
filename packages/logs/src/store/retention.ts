/**
 * How long the lines of each stream are kept. Plain options, so that they go to other threads as they are.
 */
import type { Labels, Matcher } from "@binnacle/model";
import { matcherTest } from "../deletion/deletion-filter.ts";

/** Streams that are kept for another time than the rest, longer or shorter. */
export interface StreamRetention {
  /** The selector as it was written. */
  readonly match: string;
  readonly matchers: readonly Matcher[];
  readonly retentionMs: number;
  /** Of several that a stream satisfies the highest counts, and of equal ones the shortest time. */
  readonly priority: number;
}

export interface RetentionOptions {
  /** Of streams that no selector names; undefined: for ever. */
  readonly retentionMs: number | undefined;
  readonly bySelector: readonly StreamRetention[];
}

const NS_PER_MS = 1_000_000n;

export class Retention {
  readonly #retentionMs: number | undefined;
  /** The one that counts first. */
  readonly #bySelector: readonly { readonly test: (labels: Labels) => boolean; retentionMs: number }[];
  readonly #known = new WeakMap<Labels, { readonly retentionMs: number | undefined }>();

  /** Throws BAD_REGEXP. */
  constructor({ retentionMs, bySelector }: RetentionOptions) {
    this.#retentionMs = retentionMs;
    this.#bySelector = [...bySelector]
      .sort((a, b) => b.priority - a.priority || a.retentionMs - b.retentionMs)
      .map(({ matchers, retentionMs: ownMs }) => ({ test: matcherTest(matchers), retentionMs: ownMs }));
  }

  /** How long a stream's lines are kept, in ms; undefined: for ever. */
  of(labels: Labels): number | undefined {
    if (this.#bySelector.length === 0) return this.#retentionMs;
    let known = this.#known.get(labels);
    if (known === undefined) {
      const first = this.#bySelector.find(({ test }) => test(labels));
      known = { retentionMs: first === undefined ? this.#retentionMs : first.retentionMs };
      this.#known.set(labels, known);
    }
    return known.retentionMs;
  }

  /** The time before which a stream's lines are past retention; undefined: none are. */
  oldestNs(labels: Labels, nowMs: number): bigint | undefined {
    const retentionMs = this.of(labels);
    return retentionMs === undefined ? undefined : BigInt(Math.floor(nowMs - retentionMs)) * NS_PER_MS;
  }
}
