/** Splitting of log lines into templates and variables, window by window. */
import { SPLIT_WINDOW_BYTES, SPLIT_WINDOW_LINES } from "./limits.ts";
import { kernelModule } from "./module.ts";

/** The caller's hash table of templates, which it grows: open addressing, at most half full. */
export interface SplitTable {
  /** Number of the template + 1, or 0; as many as a power of two. */
  readonly slots: Uint32Array;
  /** By template: hash, and where its text ends in the arena, where the one's before it ends. */
  readonly hashes: Uint32Array;
  readonly ends: Uint32Array;
  readonly arena: Uint8Array;
  /** How many templates there are. */
  readonly size: number;
}

/** What a window's lines were split into; valid until the next call of any kernel. */
export interface SplitWindow {
  /** By line. */
  readonly templates: Uint32Array;
  readonly counts: Uint32Array;
  /** By variable: where it lies, counted from the text that was given. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

export interface SplitOptions {
  /** A longer line has no template: it is template 0, and its one variable. */
  readonly lineBytesMax: number;
  /** Nor has one with more variables. */
  readonly lineVariablesMax: number;
}

// The state block's words, as assembly/split-lines.ts has them.
const TEXT = 0;
const TEXT_END = 1;
const WORDS = 2;
const DIGITS = 3;
const LINE = 4;
const LINES = 5;
const OFFSETS = 6;
const TEMPLATES = 7;
const COUNTS = 8;
const STARTS = 9;
const ENDS = 10;
const VARIABLES = 11;
const BIAS = 12;
const MASKED = 13;
const MASKED_BYTES = 14;
const HASH = 15;
const SLOTS = 16;
const SLOTS_MASK = 17;
const HASHES = 18;
const TEMPLATE_ENDS = 19;
const ARENA = 20;
const LINE_BYTES_MAX = 21;
const LINE_VARIABLES_MAX = 22;
const HAS_ZERO = 23;

/** A line has half as many variables as bytes at most, and an empty one has one. */
const VARIABLES_ROOM = SPLIT_WINDOW_BYTES / 2 + SPLIT_WINDOW_LINES + 16;

// Where everything lies, from the module's start on.
const TEXT_AT = 128;
const WORDS_AT = TEXT_AT + SPLIT_WINDOW_BYTES + 64;
const DIGITS_AT = WORDS_AT + SPLIT_WINDOW_BYTES / 8 + 16;
const OFFSETS_AT = DIGITS_AT + SPLIT_WINDOW_BYTES / 8 + 16;
const TEMPLATES_AT = OFFSETS_AT + 4 * SPLIT_WINDOW_LINES + 16;
const COUNTS_AT = TEMPLATES_AT + 4 * SPLIT_WINDOW_LINES;
const STARTS_AT = COUNTS_AT + 4 * SPLIT_WINDOW_LINES;
const ENDS_AT = STARTS_AT + 4 * VARIABLES_ROOM;
const MASKED_AT = ENDS_AT + 4 * VARIABLES_ROOM;
const TABLE_AT = MASKED_AT + 65_536;

export class LineSplitter {
  readonly #options: SplitOptions;
  #table: SplitTable | undefined;
  #hashesAt = 0;
  #endsAt = 0;
  #arenaAt = 0;

  constructor(options: SplitOptions) {
    this.#options = options;
  }

  /** The hash of a template's text, as the table must have it. */
  static hashOf(text: Uint8Array): number {
    const module = kernelModule();
    const memory = module.reserve(text.length + 16);
    module.holder = undefined;
    memory.set(text, module.start);
    return module.kernels.hashOf(module.start, text.length) >>> 0;
  }

  /**
   * How many lines from `from` on one window takes, all of them no longer than lineBytesMax; 0 where the
   * first is longer.
   */
  windowLines(offsets: Uint32Array, from: number): number {
    const bytesEnd = offsets[from]! + SPLIT_WINDOW_BYTES;
    const end = Math.min(offsets.length - 1, from + SPLIT_WINDOW_LINES);
    let line = from;
    while (line < end && offsets[line + 1]! <= bytesEnd) {
      if (offsets[line + 1]! - offsets[line]! > this.#options.lineBytesMax) break;
      line++;
    }
    return line - from;
  }

  /**
   * Splits lines [from, from + count) of a text, a window as windowLines gave it. For a template that is not
   * in the table `insert` is called with its text and hash; it answers the template's number, or 0 where
   * there can be no more, and the table as it is then.
   */
  split(
    { bytes, offsets }: { readonly bytes: Uint8Array; readonly offsets: Uint32Array },
    { from, count, table }: { from: number; count: number; table: () => SplitTable },
    insert: (text: Uint8Array, hash: number) => number,
  ): SplitWindow {
    const module = kernelModule();
    const { start } = module;
    let memory = this.#load(table());
    const textAt = offsets[from]!;
    const textEnd = offsets[from + count]!;
    memory.set(bytes.subarray(textAt, textEnd), start + TEXT_AT);
    const places = new Uint32Array(memory.buffer, start + OFFSETS_AT, count + 1);
    for (let i = 0; i <= count; i++) places[i] = offsets[from + i]! - textAt;
    let state = this.#prepare(memory.buffer, { count, textAt, textBytes: textEnd - textAt });
    state[HAS_ZERO] = module.kernels.markWords(state.byteOffset);
    while (module.kernels.splitLines(state.byteOffset) === 1) {
      const line = state[LINE]!;
      const text = memory.slice(start + MASKED_AT, start + MASKED_AT + state[MASKED_BYTES]!);
      const template = insert(text, state[HASH]!);
      // The table may have grown into other arrays, and the memory with it.
      const saved = state.slice();
      memory = this.#load(table());
      state = new Uint32Array(memory.buffer, start, TEXT_AT / 4);
      state.set(saved);
      this.#pointToTable(state);
      new Uint32Array(memory.buffer, start + TEMPLATES_AT, count)[line] = template;
      if (template === 0) this.#makeRaw(state, line);
      state[LINE] = line + 1;
    }
    const { buffer } = memory;
    const variables = state[VARIABLES]!;
    return {
      templates: new Uint32Array(buffer, start + TEMPLATES_AT, count),
      counts: new Uint32Array(buffer, start + COUNTS_AT, count),
      starts: new Uint32Array(buffer, start + STARTS_AT, variables),
      ends: new Uint32Array(buffer, start + ENDS_AT, variables),
    };
  }

  /** A line whose template finds no room any more is its one variable. */
  #makeRaw(state: Uint32Array, line: number): void {
    const { start } = kernelModule();
    const { buffer } = state;
    const counts = new Uint32Array(buffer, start + COUNTS_AT, line + 1);
    const places = new Uint32Array(buffer, start + OFFSETS_AT, line + 2);
    const first = state[VARIABLES]! - counts[line]!;
    new Uint32Array(buffer, start + STARTS_AT)[first] = places[line]! + state[BIAS]!;
    new Uint32Array(buffer, start + ENDS_AT)[first] = places[line + 1]! + state[BIAS]!;
    counts[line] = 1;
    state[VARIABLES] = first + 1;
  }

  #prepare(
    buffer: ArrayBuffer,
    { count, textAt, textBytes }: { count: number; textAt: number; textBytes: number },
  ): Uint32Array {
    const { start } = kernelModule();
    const state = new Uint32Array(buffer, start, TEXT_AT / 4);
    state[TEXT] = start + TEXT_AT;
    state[TEXT_END] = start + TEXT_AT + textBytes;
    state[WORDS] = start + WORDS_AT;
    state[DIGITS] = start + DIGITS_AT;
    state[LINE] = 0;
    state[LINES] = count;
    state[OFFSETS] = start + OFFSETS_AT;
    state[TEMPLATES] = start + TEMPLATES_AT;
    state[COUNTS] = start + COUNTS_AT;
    state[STARTS] = start + STARTS_AT;
    state[ENDS] = start + ENDS_AT;
    state[VARIABLES] = 0;
    state[BIAS] = textAt;
    state[MASKED] = start + MASKED_AT;
    state[LINE_BYTES_MAX] = this.#options.lineBytesMax;
    state[LINE_VARIABLES_MAX] = this.#options.lineVariablesMax;
    this.#pointToTable(state);
    return state;
  }

  #pointToTable(state: Uint32Array): void {
    const { start } = kernelModule();
    state[SLOTS] = start + TABLE_AT;
    state[SLOTS_MASK] = this.#table!.slots.length - 1;
    state[HASHES] = this.#hashesAt;
    state[TEMPLATE_ENDS] = this.#endsAt;
    state[ARENA] = this.#arenaAt;
  }

  /** Copies in what of the table is not there yet: nearly always only what was put in last. */
  #load(table: SplitTable): Uint8Array<ArrayBuffer> {
    const module = kernelModule();
    const before = this.#table;
    const { slots, hashes, ends, arena, size } = table;
    this.#hashesAt = module.start + TABLE_AT + slots.byteLength;
    this.#endsAt = this.#hashesAt + hashes.byteLength;
    this.#arenaAt = this.#endsAt + ends.byteLength;
    const memory = module.reserve(this.#arenaAt + arena.length + 16 - module.start);
    const isSame =
      module.holder === this &&
      before?.slots === slots &&
      before.hashes === hashes &&
      before.ends === ends &&
      before.arena === arena;
    if (!isSame) {
      memory.set(new Uint8Array(slots.buffer, slots.byteOffset, slots.byteLength), module.start + TABLE_AT);
      copyTemplates(memory, this.#places, table, 0);
    } else if (before.size < size) {
      copyTemplates(memory, this.#places, table, before.size);
      // A template's slot is where a search for it ends.
      const inside = new Uint32Array(memory.buffer, module.start + TABLE_AT, slots.length);
      for (let template = before.size; template < size; template++) {
        let slot = hashes[template]! & (slots.length - 1);
        while (slots[slot] !== template + 1) slot = (slot + 1) & (slots.length - 1);
        inside[slot] = template + 1;
      }
    }
    module.holder = this;
    this.#table = table;
    return memory;
  }

  get #places(): TablePlaces {
    return { hashesAt: this.#hashesAt, endsAt: this.#endsAt, arenaAt: this.#arenaAt };
  }
}

interface TablePlaces {
  readonly hashesAt: number;
  readonly endsAt: number;
  readonly arenaAt: number;
}

/** Copies templates from one on. */
function copyTemplates(
  memory: Uint8Array<ArrayBuffer>,
  { hashesAt, endsAt, arenaAt }: TablePlaces,
  { hashes, ends, arena, size }: SplitTable,
  first: number,
): void {
  new Uint32Array(memory.buffer, hashesAt + 4 * first).set(hashes.subarray(first, size));
  new Uint32Array(memory.buffer, endsAt + 4 * first).set(ends.subarray(first, size));
  const textAt = first === 0 ? 0 : ends[first - 1]!;
  memory.set(arena.subarray(textAt, ends[size - 1]), arenaAt + textAt);
}
