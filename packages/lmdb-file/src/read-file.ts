/**
 * Reads an LMDB file page by page, without LMDB: which maps the file and asserts what it finds there, so that
 * a damaged one ends the process. Here every bound is checked, and damage is an error with its place.
 * (Little-endian.)
 *
 *     page      u64 number │ u64 transaction │ u16 │ u16 flags │ u16 end of pointers │ u16 │ u16 pointer …
 *     meta      page header │ u32 0xbeefc0de │ … at 48: u32 page size │ 128: u64 entries │ 136: u64 root
 *               │ 144: u64 last page │ 152: u64 transaction
 *     branch    node: u48 child page │ u16 key bytes │ key
 *     leaf      node: u32 value bytes │ u16 flags │ u16 key bytes │ key │ value, or (flag 1)
 *               u64 number of its first page
 *     overflow  page header │ value, through as many pages as it takes
 *
 * Pointers and the end of pointers count from the end of the page's header.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { BinnacleError } from "@binnacle/model";

const MAGIC = 0xbeefc0de;
const META_BYTES = 160;
export const HEADER_BYTES = 24;
export const NODE_BYTES = 8;
const BRANCH = 1;
export const LEAF = 2;
export const OVERFLOW = 4;
export const IN_OVERFLOW = 1;
const NO_PAGE = 2 ** 64;
const PAGE_SIZES: ReadonlySet<number> = new Set([4096, 8192, 16_384, 32_768, 65_536]);
/** A tree of more levels than this is no tree. */
const DEPTH_MAX = 32;

export interface LmdbMeta {
  readonly pageSize: number;
  readonly root: number;
  readonly entries: number;
  readonly lastPage: number;
  readonly transaction: number;
}

/** The newest meta page, or undefined where there is none that can be read. */
export function readMeta(fd: number): LmdbMeta | undefined {
  const first = metaAt(fd, 0);
  // The second stands one page further, whose size the first says; without a first, the usual one.
  const second = metaAt(fd, first?.pageSize ?? 4096);
  if (first === undefined || second === undefined) return first ?? second;
  return second.transaction > first.transaction ? second : first;
}

/**
 * Keys (u32) and values in order of the keys. Throws CORRUPT_DATA at the first damage, with the path and the
 * byte; what came before it is good, as far as LMDB can tell: it keeps no checksums.
 */
export function* readLmdbFile(path: string): IterableIterator<{ key: number; value: Uint8Array }> {
  const fd = openSync(path, "r");
  try {
    if (fstatSync(fd).size === 0) return;
    const meta = readMeta(fd);
    if (meta === undefined) throw damaged(path, 0, "no meta page can be read");
    let count = 0;
    if (meta.root < NO_PAGE) {
      for (const entry of new Tree(path, fd, meta).read(meta.root, 0)) {
        count++;
        yield entry;
      }
    }
    if (count !== meta.entries)
      throw damaged(path, 0, `the tree has ${count} entries, where ${meta.entries} should be`);
  } finally {
    closeSync(fd);
  }
}

class Tree {
  readonly #path: string;
  readonly #fd: number;
  readonly #meta: LmdbMeta;
  readonly #fileBytes: number;

  constructor(path: string, fd: number, meta: LmdbMeta) {
    this.#path = path;
    this.#fd = fd;
    this.#meta = meta;
    this.#fileBytes = fstatSync(fd).size;
  }

  *read(number: number, depth: number): IterableIterator<{ key: number; value: Uint8Array }> {
    const at = number * this.#meta.pageSize;
    if (depth > DEPTH_MAX) throw damaged(this.#path, at, "the tree does not end");
    const page = this.#page(number, 1);
    const flags = page.getUint16(18, true);
    const nodes = page.getUint16(20, true) >>> 1;
    if (flags !== BRANCH && flags !== LEAF)
      throw damaged(this.#path, at, `a page of flags ${flags} in the tree`);
    if (HEADER_BYTES + nodes * 2 > page.byteLength) throw damaged(this.#path, at, `${nodes} nodes in a page`);
    for (let i = 0; i < nodes; i++) {
      const node = HEADER_BYTES + page.getUint16(HEADER_BYTES + 2 * i, true);
      const isWhole = node + NODE_BYTES <= page.byteLength;
      if (!isWhole || node + NODE_BYTES + page.getUint16(node + 6, true) > page.byteLength) {
        throw damaged(this.#path, at, `node ${i} ends past its page`);
      }
      if (flags === BRANCH)
        yield* this.read(page.getUint32(node, true) + page.getUint16(node + 4, true) * 2 ** 32, depth + 1);
      else yield this.#leaf(page, node, at);
    }
  }

  #leaf(page: DataView, node: number, at: number): { key: number; value: Uint8Array } {
    const bytes = page.getUint32(node, true);
    const keyBytes = page.getUint16(node + 6, true);
    if (keyBytes !== 4) throw damaged(this.#path, at, `a key of ${keyBytes} bytes`);
    const key = page.getUint32(node + NODE_BYTES, true);
    const data = node + NODE_BYTES + keyBytes;
    if ((page.getUint16(node + 4, true) & IN_OVERFLOW) === 0) {
      if (data + bytes > page.byteLength)
        throw damaged(this.#path, at, `the value of key ${key} ends past its page`);
      return { key, value: new Uint8Array(page.buffer, data, bytes) };
    }
    if (data + 8 > page.byteLength)
      throw damaged(this.#path, at, `the value of key ${key} ends past its page`);
    const first = Number(page.getBigUint64(data, true));
    const pages = this.#page(first, Math.ceil((bytes + HEADER_BYTES) / this.#meta.pageSize));
    if (pages.getUint16(18, true) !== OVERFLOW) {
      throw damaged(
        this.#path,
        first * this.#meta.pageSize,
        `no page of values where that of key ${key} should be`,
      );
    }
    return { key, value: new Uint8Array(pages.buffer, HEADER_BYTES, bytes) };
  }

  #page(number: number, count: number): DataView {
    const { pageSize, lastPage } = this.#meta;
    const at = number * pageSize;
    if (number + count - 1 > lastPage) throw damaged(this.#path, at, `page ${number} of ${lastPage}`);
    // Asked before memory is: the meta page may be damaged too.
    const isThere = at + count * pageSize <= this.#fileBytes;
    const page = isThere ? readAt(this.#fd, at, count * pageSize) : undefined;
    if (page === undefined) throw damaged(this.#path, at, "the file is cut short");
    if (Number(page.getBigUint64(0, true)) !== number)
      throw damaged(this.#path, at, `no page ${number} stands in its place`);
    return page;
  }
}

function metaAt(fd: number, at: number): LmdbMeta | undefined {
  const bytes = readAt(fd, at, META_BYTES);
  if (bytes === undefined || bytes.getUint32(HEADER_BYTES, true) !== MAGIC) return undefined;
  const pageSize = bytes.getUint32(48, true);
  if (!PAGE_SIZES.has(pageSize)) return undefined;
  return {
    pageSize,
    entries: Number(bytes.getBigUint64(128, true)),
    root: Number(bytes.getBigUint64(136, true)),
    lastPage: Number(bytes.getBigUint64(144, true)),
    transaction: Number(bytes.getBigUint64(152, true)),
  };
}

/** So many bytes from an offset on, or undefined where the file ends before. */
export function readAt(fd: number, at: number, length: number): DataView<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, bytes, done, length - done, at + done);
    if (count === 0) return undefined;
    done += count;
  }
  return new DataView(bytes.buffer);
}

function damaged(path: string, at: number, what: string): BinnacleError {
  return new BinnacleError("CORRUPT_DATA", `${path} at byte ${at}: ${what}`);
}
