/**
 * Numbers label sets for as long as somebody appends to them: the refs of a sink that keeps no series itself.
 */
import { BinnacleError, type Labels, type SeriesRef } from "@binnacle/model";
import { FORWARD_SERIES_IDLE_MS, FORWARD_SERIES_MAX } from "../limits.ts";

interface Entry {
  readonly labels: Labels;
  usedMs: number;
}

export class SeriesTable {
  readonly #refs = new Map<string, SeriesRef>();
  readonly #entries = new Map<SeriesRef, Entry>();
  #lastRef = 0;
  #sweptMs = 0;

  /** Throws LIMIT_EXCEEDED. */
  ref(labels: Labels, nowMs: number): SeriesRef {
    const key = labels.key();
    const known = this.#refs.get(key);
    if (known !== undefined) return known;
    this.sweep(nowMs);
    if (this.#refs.size >= FORWARD_SERIES_MAX) {
      throw new BinnacleError("LIMIT_EXCEEDED", `over ${FORWARD_SERIES_MAX} series (FORWARD_SERIES_MAX)`);
    }
    // A ref is never given twice: an old one must be unknown, not another series.
    const ref = ++this.#lastRef;
    this.#refs.set(key, ref);
    this.#entries.set(ref, { labels, usedMs: nowMs });
    return ref;
  }

  /** The labels behind a ref, which counts as used. */
  labels(ref: SeriesRef, nowMs: number): Labels | undefined {
    const entry = this.#entries.get(ref);
    if (entry === undefined) return undefined;
    entry.usedMs = nowMs;
    return entry.labels;
  }

  /** Forgets what was not used for FORWARD_SERIES_IDLE_MS; looks only now and then. */
  sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < FORWARD_SERIES_IDLE_MS / 4) return;
    this.#sweptMs = nowMs;
    for (const [ref, { labels, usedMs }] of this.#entries) {
      if (nowMs - usedMs <= FORWARD_SERIES_IDLE_MS) continue;
      this.#entries.delete(ref);
      this.#refs.delete(labels.key());
    }
  }
}
