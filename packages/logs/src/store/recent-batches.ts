/**
 * Knows a batch again that was taken a short while ago, byte for byte: a client that got no answer and sends
 * it once more. Single lines are never compared: two equal lines in two different batches are two lines.
 */
import { hash } from "node:crypto";
import { REPEATED_BATCH_AGE_MS, REPEATED_BATCHES_MAX } from "../limits.ts";

interface Known {
  readonly atMs: number;
  readonly durable: Promise<void>;
}

export class RecentBatches {
  readonly #byDigest = new Map<string, Known>();
  /**
   * Digests in the order they came; those before `#oldest` are gone. A Map would be slow to give its first.
   */
  #order: string[] = [];
  #oldest = 0;

  /** Resolves when the earlier one of the same bytes is durable; undefined when there was none. */
  find(digest: string, nowMs: number): Promise<void> | undefined {
    const known = this.#byDigest.get(digest);
    return known !== undefined && nowMs - known.atMs <= REPEATED_BATCH_AGE_MS ? known.durable : undefined;
  }

  add(digest: string, nowMs: number, durable: Promise<void>): void {
    this.#byDigest.set(digest, { atMs: nowMs, durable });
    this.#order.push(digest);
    while (this.#order.length - this.#oldest > REPEATED_BATCHES_MAX) {
      this.#byDigest.delete(this.#order[this.#oldest++]!);
    }
    if (this.#oldest > REPEATED_BATCHES_MAX) {
      this.#order = this.#order.slice(this.#oldest);
      this.#oldest = 0;
    }
  }
}

export function digestOf(record: Uint8Array): string {
  return hash("sha1", record, "base64");
}
