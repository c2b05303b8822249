/**
 * Knows a batch again that was taken a short while ago, byte for byte: a client that got no answer and sends
 * it once more. Single lines are never compared: two equal lines in two different batches are two lines.
 *
 * Batches in a journal are known from there after a restart; those that are sealed from a file that is
 * written before their journal goes. What is not durable yet must not be in it: a process that is killed then
 * never had it, and its client's retry is the first to be stored.
 *
 *     recent-batches   "binnacle recent batches 1 " crc32 of the rest, 8 hex digits "\n"
 *                      per batch: Unix ms " " digest "\n"
 */
import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { replaceFile } from "@binnacle/lmdb-file";
import { REPEATED_BATCH_AGE_MS, REPEATED_BATCHES_MAX } from "../limits.ts";

interface Known {
  readonly atMs: number;
  /** Of the head that has it. */
  readonly generation: number;
  durable: Promise<void>;
  isDurable: boolean;
}

const HEADER = /^binnacle recent batches 1 ([0-9a-f]{8})\n/;

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

  /**
   * Without a promise it is durable already. One whose promise rejects is in its generation's head all the
   * same: whoever sends it again is refused until that is sealed, and then told that it was taken.
   */
  add(digest: string, atMs: number, generation: number, durable?: Promise<void>): void {
    const known: Known = {
      atMs,
      generation,
      durable: durable ?? Promise.resolve(),
      isDurable: durable === undefined,
    };
    if (durable !== undefined) void settle(known);
    this.#byDigest.set(digest, known);
    this.#order.push(digest);
    while (this.#order.length - this.#oldest > REPEATED_BATCHES_MAX) {
      this.#byDigest.delete(this.#order[this.#oldest++]!);
    }
    if (this.#oldest > REPEATED_BATCHES_MAX) {
      this.#order = this.#order.slice(this.#oldest);
      this.#oldest = 0;
    }
  }

  /** What a generation's head had is durable, since that is sealed. */
  sealed(generation: number): void {
    for (const known of this.#byDigest.values()) {
      if (known.generation !== generation || known.isDurable) continue;
      known.durable = Promise.resolve();
      known.isDurable = true;
    }
  }

  /** Writes down those that are durable. */
  save(path: string, nowMs: number): void {
    let text = "";
    for (const digest of this.#order.slice(this.#oldest)) {
      const known = this.#byDigest.get(digest);
      if (known?.isDurable === true && nowMs - known.atMs <= REPEATED_BATCH_AGE_MS) {
        text += `${known.atMs} ${digest}\n`;
      }
    }
    replaceFile(path, Buffer.from(`binnacle recent batches 1 ${checksum(text)}\n${text}`));
  }

  /** Takes up what was written down. False where that is damaged: then nothing of it is known. */
  load(path: string): boolean {
    if (!existsSync(path)) return true;
    const text = readFileSync(path, "utf8");
    const match = HEADER.exec(text);
    const rest = text.slice(match?.[0].length ?? 0);
    if (match === null || checksum(rest) !== match[1]) return false;
    for (const line of rest.split("\n")) {
      const [atMs, digest] = line.split(" ");
      if (digest !== undefined) this.add(digest, Number(atMs), 0);
    }
    return true;
  }
}

async function settle(known: Known): Promise<void> {
  try {
    await known.durable;
    known.isDurable = true;
  } catch {
    // Whoever appended it is told.
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}

export function digestOf(record: Uint8Array): string {
  return hash("sha1", record, "base64");
}
