/**
 * The head: lines not yet sealed, of one journal generation, in shared memory, so that query threads and the
 * sealing thread read them where they lie. A section is written once and never changed.
 */
import type { Labels } from "@binnacle/model";
import { ARENA_BYTES } from "../limits.ts";

/** The sections of one stream of a head, in order of arrival. */
export interface HeadStream {
  readonly labels: Labels;
  /** arena, byte offset, arena, byte offset, … */
  readonly sections: Uint32Array;
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly lines: number;
}

interface StreamState {
  readonly labels: Labels;
  sections: Uint32Array;
  used: number;
  minNs: bigint;
  maxNs: bigint;
  lines: number;
}

export class Head {
  readonly generation: number;
  /** When its first line came, by the clock; undefined while it is empty. */
  firstLineMs: number | undefined;
  readonly #arenas: SharedArrayBuffer[] = [];
  readonly #streams = new Map<string, StreamState>();
  #arenaLeft = 0;
  #arenaAt = 0;
  #openArena = -1;
  #bytes = 0;
  #lines = 0;

  constructor(generation: number) {
    this.generation = generation;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get lines(): number {
    return this.#lines;
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  get isEmpty(): boolean {
    return this.#lines === 0;
  }

  /** Buffers that sections lie in; only ever appended to. */
  get arenas(): readonly SharedArrayBuffer[] {
    return this.#arenas;
  }

  has(key: string): boolean {
    return this.#streams.has(key);
  }

  /** Copies an encoded section in. Returns whether the stream is new to this head. */
  add(labels: Labels, section: Uint8Array, nowMs: number): boolean {
    this.firstLineMs ??= nowMs;
    const { arena, at } = this.#place(section.length);
    const buffer = this.#arenas[arena]!;
    new Uint8Array(buffer, at, section.length).set(section);
    const header = new DataView(buffer, at, 32);
    const lines = header.getUint32(0, true);
    const minNs = header.getBigInt64(16, true);
    const maxNs = header.getBigInt64(24, true);
    this.#bytes += section.length;
    this.#lines += lines;

    const key = labels.key();
    const known = this.#streams.get(key);
    if (known === undefined) {
      const sections = Uint32Array.of(arena, at);
      this.#streams.set(key, { labels, sections, used: 2, minNs, maxNs, lines });
      return true;
    }
    if (known.used === known.sections.length) {
      const grown = new Uint32Array(known.used * 2);
      grown.set(known.sections);
      known.sections = grown;
    }
    known.sections[known.used++] = arena;
    known.sections[known.used++] = at;
    known.lines += lines;
    if (minNs < known.minNs) known.minNs = minNs;
    if (maxNs > known.maxNs) known.maxNs = maxNs;
    return false;
  }

  #place(bytes: number): { arena: number; at: number } {
    if (bytes > ARENA_BYTES / 4) {
      this.#arenas.push(new SharedArrayBuffer(bytes));
      return { arena: this.#arenas.length - 1, at: 0 };
    }
    if (bytes > this.#arenaLeft) {
      this.#arenas.push(new SharedArrayBuffer(ARENA_BYTES));
      this.#openArena = this.#arenas.length - 1;
      this.#arenaAt = 0;
      this.#arenaLeft = ARENA_BYTES;
    }
    const at = this.#arenaAt;
    this.#arenaAt += bytes;
    this.#arenaLeft -= bytes;
    return { arena: this.#openArena, at };
  }

  stream(key: string): HeadStream | undefined {
    const state = this.#streams.get(key);
    return state === undefined ? undefined : freeze(state);
  }

  /** Times of a stream's oldest and newest line. */
  bounds(key: string): { readonly minNs: bigint; readonly maxNs: bigint } | undefined {
    return this.#streams.get(key);
  }

  *streams(): IterableIterator<HeadStream> {
    for (const state of this.#streams.values()) yield freeze(state);
  }
}

/** A copy of the list: the head's own may be filled further. */
function freeze(state: StreamState): HeadStream {
  const { labels, minNs, maxNs, lines } = state;
  return { labels, sections: state.sections.slice(0, state.used), minNs, maxNs, lines };
}
