/** Open blocks of one thread: a bounded number of files, and one cache of pages for all of them. */
import { OPEN_BLOCKS_MAX, PAGE_CACHE_BYTES } from "../limits.ts";
import { BlockReader } from "./block-reader.ts";
import type { DamageSink } from "./damage.ts";
import { PageCache } from "./page-cache.ts";

interface OpenBlock {
  readonly reader: BlockReader;
  users: number;
}

export class BlockCache implements Disposable {
  readonly #pages: PageCache;
  readonly #open = new Map<string, OpenBlock>();

  readonly #onDamage: DamageSink;

  constructor(onDamage: DamageSink, pageBytesMax: number = PAGE_CACHE_BYTES) {
    this.#pages = new PageCache(pageBytesMax);
    this.#onDamage = onDamage;
  }

  /** A reader that stays open until it is released. Throws CORRUPT_DATA, FatalError. */
  acquire(path: string): BlockReader {
    let block = this.#open.get(path);
    if (block === undefined) {
      this.#closeIdle(OPEN_BLOCKS_MAX - 1);
      block = { reader: new BlockReader(path, this.#pages, this.#onDamage), users: 0 };
    }
    // Newest used last, so that the idlest are closed first.
    this.#open.delete(path);
    this.#open.set(path, block);
    block.users++;
    return block.reader;
  }

  release(path: string): void {
    const block = this.#open.get(path);
    if (block !== undefined) block.users--;
  }

  /** Closes a file that nobody uses, because it is gone. */
  forget(path: string): void {
    const block = this.#open.get(path);
    if (block === undefined || block.users > 0) return;
    block.reader[Symbol.dispose]();
    this.#open.delete(path);
  }

  [Symbol.dispose](): void {
    for (const { reader } of this.#open.values()) reader[Symbol.dispose]();
    this.#open.clear();
  }

  #closeIdle(keep: number): void {
    for (const [path, block] of this.#open) {
      if (this.#open.size <= keep) return;
      if (block.users > 0) continue;
      block.reader[Symbol.dispose]();
      this.#open.delete(path);
    }
  }
}
