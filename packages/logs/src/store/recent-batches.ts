/**
 * Knows a batch again that was taken a short while ago, byte for byte: a client that got no answer and sends it once
 * more. Single lines are never compared: two equal lines in two different batches are two lines.
 */
import { hash } from "node:crypto";
import { REPEATED_BATCH_AGE_MS, REPEATED_BATCHES_MAX } from "../limits.ts";

interface Known {
  readonly atMs: number;
  readonly durable: Promise<void>;
}

export class RecentBatches {
  readonly #byDigest = new Map<string, Known>();

  /** Resolves when the earlier one of the same bytes is durable; undefined when there was none. */
  find(digest: string, nowMs: number): Promise<void> | undefined {
    const known = this.#byDigest.get(digest);
    return known !== undefined && nowMs - known.atMs <= REPEATED_BATCH_AGE_MS ? known.durable : undefined;
  }

  add(digest: string, nowMs: number, durable: Promise<void>): void {
    this.#byDigest.delete(digest);
    this.#byDigest.set(digest, { atMs: nowMs, durable });
    for (const [oldest, { atMs }] of this.#byDigest) {
      const isOld = nowMs - atMs > REPEATED_BATCH_AGE_MS;
      if (!isOld && this.#byDigest.size <= REPEATED_BATCHES_MAX) break;
      this.#byDigest.delete(oldest);
    }
  }
}

export function digestOf(record: Uint8Array): string {
  return hash("sha1", record, "base64");
}
