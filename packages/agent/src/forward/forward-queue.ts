/**
 * A queue of requests on disk, oldest first: what an agent could not send yet survives its end.
 * docs/format/forward-queue.md
 *
 * Bounded in bytes: past the bound the oldest entries make room, but for those that are being sent.
 */
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Logger } from "@binnacle/model";
import type { RootDatabase } from "lmdb";
import { closeEnvironment, commit, openOrSetAside } from "@binnacle/lmdb-file";

const VERSION = 1;
const HEADER_BYTES = 16;

export interface QueueEntry {
  readonly key: number;
  /** Samples or lines in it. */
  readonly count: number;
  /** A snappy block. */
  readonly body: Buffer;
}

export interface QueueOptions {
  readonly directory: string;
  /** Names the file: `metrics` → metrics.queue.lmdb. */
  readonly name: string;
  readonly bytesMax: number;
  readonly logger: Logger;
  /** Tells of entries that were given up, and why. */
  onDropped(reason: "queue_full" | "damaged", count: number): void;
}

export class ForwardQueue {
  readonly #environment: RootDatabase<Buffer, number>;
  readonly #options: QueueOptions;
  readonly #path: string;
  /** Bytes by key, ascending: what the file holds. */
  readonly #sizes = new Map<number, number>();
  /** Under way. */
  readonly #removals = new Set<Promise<void>>();
  #bytes = 0;
  #lastKey = 0;
  /** Entries up to this key are being sent, and stay. */
  #sentUpTo = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
    const path = join(options.directory, `${options.name}.queue.lmdb`);
    this.#path = path;
    const opened = openOrSetAside<Buffer, number>(path, { encoding: "binary" }, options.logger);
    this.#environment = opened.environment;
    for (const { key, value } of this.#environment.getRange()) this.#note(key, value.length);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#sizes.size;
  }

  /** Resolves once the entry is on the disk; rejects UNAVAILABLE, and forgets it, where it cannot be. */
  async push(body: Uint8Array, count: number): Promise<void> {
    const key = this.#lastKey + 1;
    const entry = encodeEntry(body, count);
    const environment = this.#environment;
    const write = commit(this.#path, environment, () => [environment.put(key, entry)]);
    this.#note(key, entry.length);
    this.#makeRoom();
    try {
      await write;
    } catch (error) {
      this.#unnote(key);
      throw error;
    }
    await this.#environment.flushed;
  }

  /**
   * The oldest entries whose bytes before compression stay below the bound, at least one. They stay until
   * `remove`; damaged ones are dropped.
   */
  peek(bytesMax: number): QueueEntry[] {
    const entries: QueueEntry[] = [];
    let bytes = 0;
    for (const key of this.#sizes.keys()) {
      const entry = decodeEntry(key, this.#environment.get(key));
      if (entry === undefined) {
        this.#options.onDropped("damaged", 1);
        this.#forget(key);
        continue;
      }
      bytes += contentBytes(entry.body);
      if (entries.length > 0 && bytes > bytesMax) break;
      entries.push(entry);
      this.#sentUpTo = key;
    }
    return entries;
  }

  /** Takes entries off the queue. After a power loss they may be there again, and are sent twice. */
  async remove(entries: readonly QueueEntry[]): Promise<void> {
    for (const { key } of entries) this.#forget(key);
    this.#sentUpTo = 0;
    await Promise.all(this.#removals);
  }

  async close(): Promise<void> {
    await Promise.all(this.#removals);
    await closeEnvironment(this.#environment);
  }

  #makeRoom(): void {
    for (const key of this.#sizes.keys()) {
      if (this.#bytes <= this.#options.bytesMax || this.#sizes.size === 1) return;
      if (key <= this.#sentUpTo) continue;
      const entry = decodeEntry(key, this.#environment.get(key));
      this.#forget(key);
      this.#options.onDropped("queue_full", entry?.count ?? 1);
    }
  }

  #note(key: number, bytes: number): void {
    this.#sizes.set(key, bytes);
    this.#bytes += bytes;
    this.#lastKey = Math.max(this.#lastKey, key);
  }

  #forget(key: number): void {
    this.#unnote(key);
    const environment = this.#environment;
    const removal = commit(this.#path, environment, () => [environment.remove(key)])
      .catch((error: unknown) => {
        // It is sent again after a restart: better twice than never.
        this.#options.logger.error({ path: this.#path, err: error }, "an entry cannot be taken off a queue");
      })
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  #unnote(key: number): void {
    this.#bytes -= this.#sizes.get(key) ?? 0;
    this.#sizes.delete(key);
  }
}

export function encodeEntry(body: Uint8Array, count: number): Buffer {
  const entry = Buffer.allocUnsafeSlow(HEADER_BYTES + body.length);
  entry.writeUInt32LE(VERSION, 0);
  entry.writeUInt32LE(count, 4);
  entry.writeUInt32LE(body.length, 8);
  entry.set(body, HEADER_BYTES);
  entry.writeUInt32LE(0, 12);
  entry.writeUInt32LE(crc32(entry), 12);
  return entry;
}

/** The entry, or undefined when it is not there, damaged, or of another version. */
export function decodeEntry(key: number, bytes: Uint8Array | undefined): QueueEntry | undefined {
  if (bytes === undefined || bytes.length < HEADER_BYTES) return undefined;
  const entry = Buffer.from(bytes);
  if (entry.readUInt32LE(0) !== VERSION || entry.length !== HEADER_BYTES + entry.readUInt32LE(8))
    return undefined;
  const crc = entry.readUInt32LE(12);
  entry.writeUInt32LE(0, 12);
  if (crc32(entry) !== crc) return undefined;
  return { key, count: entry.readUInt32LE(4), body: entry.subarray(HEADER_BYTES) };
}

/** What a snappy block says of its content's length: the varint it begins with. */
function contentBytes(block: Uint8Array): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) break;
  }
  return length;
}
