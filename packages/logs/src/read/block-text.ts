/**
 * The text of a block of a part: finds the lines that hold a literal, and puts single lines or all of
 * them together. What is unpacked on the way is kept in the reader's cache.
 */
import { allMeet, keepMeeting, mayMeet } from "../part/column-search.ts";
import { corrupt } from "../bytes.ts";
import type { BlockDirectory, DirectoryEntry } from "../part/block-templates.ts";
import { PLAIN } from "../part/block-codec.ts";
import type { Condition, Needle, Verdict } from "../part/needle.ts";
import type { PartFile } from "../part/part-file.ts";
import type { BlockEntry } from "../part/part-index.ts";
import { HOLE, RAW } from "../part/template-table.ts";
import type { TextColumn } from "../part/text-column.ts";
import { openColumn, type Values } from "../part/column-values.ts";
import type { BlockCache } from "./block-cache.ts";
import { PartTemplates } from "./part-templates.ts";

/** Line numbers of a block, ascending. */
export type Rows = Uint32Array;

/** The lines of a block by template: of t they are order[starts[t] … starts[t + 1]). */
interface Layout {
  readonly templateOf: Uint16Array;
  /** The how-manieth of its template each line is. */
  readonly rank: Uint16Array;
  readonly order: Uint16Array;
  readonly starts: Uint32Array;
}

const NONE = new Uint32Array(0);

export class BlockText {
  readonly #part: PartFile;
  readonly #block: number;
  readonly #cache: BlockCache;
  readonly #entry: BlockEntry;

  constructor(part: PartFile, block: number, cache: BlockCache) {
    this.#part = part;
    this.#block = block;
    this.#cache = cache;
    this.#entry = part.index.blocks[block]!;
  }

  #key(what: string): string {
    return `${this.#part.path}#${this.#block}#${what}`;
  }

  get #templates(): PartTemplates {
    return this.#cache.get(`${this.#part.path}#templates`, () => {
      const value = new PartTemplates(this.#part.readTemplates());
      return { value, bytes: 2 * (value.texts.bytes.length + value.texts.offsets.byteLength) };
    });
  }

  get #directory(): BlockDirectory {
    return this.#cache.get(this.#key("directory"), () => {
      const value = this.#part.readDirectory(this.#block);
      const { slots } = this.#templates;
      const { templates, encoding } = this.#entry;
      for (let t = 0; t < templates.length; t++) {
        const wanted = slots[templates[t]!];
        const found = encoding === PLAIN ? wanted : value.columnCounts[t];
        if (wanted === undefined || found !== wanted) {
          throw corrupt(
            this.#key("directory"),
            `template ${templates[t]} has ${wanted} variables, not ${found}`,
          );
        }
      }
      return { value, bytes: value.byteLength };
    });
  }

  get #layout(): Layout {
    return this.#cache.get(this.#key("rows"), () => {
      const value = layOut(this.#part.readRows(this.#block), this.#entry.templates.length);
      for (const [t, lines] of this.#directory.lines.entries()) {
        if (value.starts[t + 1]! - value.starts[t]! !== lines) {
          throw corrupt(this.#key("rows"), `template ${t} has not the ${lines} lines its directory says`);
        }
      }
      return { value, bytes: 6 * value.order.length + value.starts.byteLength };
    });
  }

  /** All lines. Valid as long as the caller keeps it. */
  get all(): TextColumn {
    return this.#cache.get(this.#key("text"), () => {
      const value =
        this.#entry.encoding === PLAIN
          ? this.#part.readPlain(this.#block)
          : this.read(Uint32Array.from({ length: this.#entry.lines }, (_, row) => row));
      return { value, bytes: value.bytes.length + value.offsets.byteLength };
    });
  }

  /** Whether any line may hold a literal, by the templates alone. */
  mayHold(needle: Needle): boolean {
    const verdicts = this.#templates.judge(needle);
    if (verdicts.size < this.#entry.templates.length) {
      for (const template of verdicts.keys()) if (this.#numberOf(template) >= 0) return true;
      return false;
    }
    return this.#entry.templates.some((template) => verdicts.has(template));
  }

  /** The block's number of a template of the part, or −1. */
  #numberOf(template: number): number {
    return this.#entry.templates.indexOf(template);
  }

  /** The lines that hold a literal. */
  find(needle: Needle): Rows {
    return this.#cache.get(this.#key(`find#${needle.key}`), () => {
      const value = this.#find(needle);
      return { value, bytes: value.byteLength + 2 * needle.key.length + 100 };
    });
  }

  #find(needle: Needle): Rows {
    const verdicts = this.#templates.judge(needle);
    const { templates, lines, encoding } = this.#entry;
    const isHit = new Uint8Array(lines);
    let hits = 0;
    const undecided: { t: number; sets: readonly (readonly Condition[])[] }[] = [];
    for (let t = 0; t < templates.length; t++) {
      const verdict: Verdict | undefined = verdicts.get(templates[t]!);
      if (verdict === undefined) continue;
      if (verdict === "all") hits += this.#markAll(t, isHit);
      else undecided.push({ t, sets: verdict });
    }
    for (const { t, sets } of undecided) {
      hits += encoding === PLAIN ? this.#markPlain(t, needle, isHit) : this.#markMeeting(t, sets, isHit);
    }
    if (hits === 0) return NONE;
    const rows = new Uint32Array(hits);
    let k = 0;
    for (let row = 0; row < lines; row++) if (isHit[row] === 1) rows[k++] = row;
    return rows;
  }

  #markAll(t: number, isHit: Uint8Array): number {
    const { order, starts } = this.#layout;
    for (let i = starts[t]!; i < starts[t + 1]!; i++) isHit[order[i]!] = 1;
    return starts[t + 1]! - starts[t]!;
  }

  #markPlain(t: number, needle: Needle, isHit: Uint8Array): number {
    const { order, starts } = this.#layout;
    const { bytes, offsets } = this.all;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const literal = Buffer.from(needle.bytes);
    let hits = 0;
    for (let i = starts[t]!; i < starts[t + 1]!; i++) {
      const row = order[i]!;
      if (!text.subarray(offsets[row], offsets[row + 1]).includes(literal)) continue;
      isHit[row] = 1;
      hits++;
    }
    return hits;
  }

  #markMeeting(t: number, sets: readonly (readonly Condition[])[], isHit: Uint8Array): number {
    const entry = this.#directory.entry(t);
    let hits = 0;
    for (const conditions of sets) {
      const { columns } = entry;
      if (!conditions.every((condition) => mayMeet(columns[condition.slot]!, condition))) continue;
      const open = conditions.filter((condition) => !allMeet(columns[condition.slot]!, condition));
      const flags = new Uint8Array(entry.lines).fill(1);
      for (const condition of open) keepMeeting(this.#values(t)[condition.slot]!, condition, flags);
      const { order, starts } = this.#layout;
      const start = starts[t]!;
      for (let i = 0; i < flags.length; i++) {
        const row = order[start + i]!;
        if (flags[i] === 0 || isHit[row] === 1) continue;
        isHit[row] = 1;
        hits++;
      }
    }
    return hits;
  }

  /** The columns of a template, opened. */
  #values(t: number): readonly Values[] {
    return this.#cache.get(this.#key(`columns#${t}`), () => {
      const entry = this.#directory.entry(t);
      const what = this.#key(`template ${t}`);
      const value: Values[] = [];
      let at = entry.offset;
      let bytes = 0;
      const group = entry.columns.some(({ payloadBytes }) => payloadBytes > 0)
        ? this.#group(entry)
        : undefined;
      for (const header of entry.columns) {
        const payload = group?.subarray(at, at + header.payloadBytes) ?? new Uint8Array(0);
        at += header.payloadBytes;
        value.push(openColumn(header, payload, entry.lines, what));
        bytes += 200 + 4 * entry.lines;
      }
      return { value, bytes };
    });
  }

  #group({ group }: DirectoryEntry): Uint8Array {
    return this.#cache.get(this.#key(`group#${group}`), () => {
      const bytes = this.#directory.groupBytes[group]!;
      return { value: this.#part.readGroup(this.#block, group, bytes), bytes };
    });
  }

  /** Some lines, put together. */
  read(rows: Rows): TextColumn {
    const offsets = new Uint32Array(rows.length + 1);
    if (this.#entry.encoding === PLAIN) {
      const { bytes, offsets: places } = this.all;
      for (let k = 0; k < rows.length; k++) {
        offsets[k + 1] = offsets[k]! + places[rows[k]! + 1]! - places[rows[k]!]!;
      }
      const picked = new Uint8Array(offsets[rows.length]!);
      for (let k = 0; k < rows.length; k++) {
        picked.set(bytes.subarray(places[rows[k]!], places[rows[k]! + 1]), offsets[k]);
      }
      return { bytes: picked, offsets };
    }
    const { templateOf, rank } = this.#layout;
    const { templates, textBytes, lines } = this.#entry;
    const { bytes: texts, offsets: places } = this.#templates.texts;
    const opened: (readonly Values[] | undefined)[] = [];
    const roomOf: number[] = [];
    let out = new Uint8Array(
      rows.length === lines ? textBytes : Math.ceil((textBytes / lines) * rows.length) + 256,
    );
    let at = 0;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      const t = templateOf[row]!;
      const template = templates[t]!;
      let values = opened[t];
      if (values === undefined) {
        opened[t] = values = this.#values(t);
        const variable = values.reduce((sum, { bytesMax }) => sum + bytesMax, 0);
        roomOf[t] = places[template + 1]! - places[template]! + variable;
      }
      if (at + roomOf[t]! > out.length) {
        const grown = new Uint8Array(2 * (at + roomOf[t]!));
        grown.set(out.subarray(0, at));
        out = grown;
      }
      const i = rank[row]!;
      if (template === RAW) at = values[0]!.write(i, out, at);
      else {
        let slot = 0;
        const end = places[template + 1]!;
        for (let from = places[template]!; from < end; from++) {
          const byte = texts[from]!;
          if (byte === HOLE) at = values[slot++]!.write(i, out, at);
          else out[at++] = byte;
        }
      }
      offsets[k + 1] = at;
    }
    return { bytes: out.subarray(0, at), offsets };
  }
}

function layOut(templateOf: Uint16Array, templates: number): Layout {
  const lines = templateOf.length;
  const starts = new Uint32Array(templates + 1);
  for (let row = 0; row < lines; row++) starts[templateOf[row]! + 1]!++;
  for (let t = 1; t <= templates; t++) starts[t]! += starts[t - 1]!;
  const rank = new Uint16Array(lines);
  const order = new Uint16Array(lines);
  const next = starts.slice();
  for (let row = 0; row < lines; row++) {
    const t = templateOf[row]!;
    const place = next[t]!++;
    order[place] = row;
    rank[row] = place - starts[t]!;
  }
  return { templateOf, rank, order, starts };
}
