/**
 * A block of a part as one query reads it: finds the lines that hold a literal, and puts single lines or
 * all of them together. What is unpacked on the way is kept in the reader's cache.
 */
import type { LineMetadata, LinePattern, SortedOut } from "@binnacle/model";
import { corrupt } from "../bytes.ts";
import { FOUND_MAX } from "../limits.ts";
import { PLAIN, type BlockTimes } from "../part/block-codec.ts";
import type { BlockDirectory, DirectoryEntry } from "../part/block-templates.ts";
import { allMeet, keepMeeting, mayMeet } from "../part/column-search.ts";
import { fixedLength, openColumn, type Values } from "../part/column-values.ts";
import { ALWAYS, CONDITIONALLY, NEVER, type Condition, type Needle, type Verdicts } from "../part/needle.ts";
import type { PartFile } from "../part/part-file.ts";
import type { BlockEntry } from "../part/part-index.ts";
import { HOLE, RAW } from "../part/template-table.ts";
import type { TextColumn } from "../part/text-column.ts";
import type { BlockCache, KeptBlock, KeptPart, Layout, Rows } from "./block-cache.ts";
import type { PartTemplates } from "./part-templates.ts";
import { PERHAPS, SURELY } from "./pattern-verdicts.ts";
import { lowerRow, pickLines } from "./run.ts";

const NONE = new Uint32Array(0);
const NO_BYTES = new Uint8Array(0);

/** What a block has in common with the others of its part. */
export interface BlockHome {
  readonly file: PartFile;
  readonly cache: BlockCache;
  readonly kept: KeptPart;
  readonly templates: PartTemplates;
}

export class BlockText {
  readonly entry: BlockEntry;
  readonly #reader: BlockHome;
  readonly #part: PartFile;
  readonly #block: number;
  readonly #kept: KeptBlock;

  constructor(reader: BlockHome, block: number) {
    this.#reader = reader;
    this.#part = reader.file;
    this.#block = block;
    this.#kept = reader.kept.block(block);
    this.entry = this.#part.index.blocks[block]!;
  }

  #what(name: string): string {
    return `${this.#part.path}, block ${this.#block}, ${name},`;
  }

  /** Keeps what was just unpacked. */
  #charge(bytes: number): void {
    this.#reader.cache.charge(this.#kept, bytes);
  }

  get times(): BlockTimes {
    const kept = this.#kept;
    if (kept.times === undefined) {
      kept.times = this.#part.readTimes(this.#block);
      this.#charge(kept.times.ticks.byteLength);
    }
    return kept.times;
  }

  get metadata(): readonly (LineMetadata | undefined)[] | undefined {
    if (this.entry.metadata === undefined) return undefined;
    const kept = this.#kept;
    if (kept.metadata === undefined) {
      kept.metadata = this.#part.readMetadata(this.#block)!;
      // Texts are objects: a rough figure of what a pair costs.
      this.#charge(kept.metadata.reduce((sum, pairs) => sum + 16 + 48 * (pairs?.length ?? 0), 0));
    }
    return kept.metadata;
  }

  get #directory(): BlockDirectory {
    const kept = this.#kept;
    if (kept.directory !== undefined) return kept.directory;
    const directory = this.#part.readDirectory(this.#block);
    const { slots } = this.#reader.templates;
    const { templates, encoding } = this.entry;
    for (let t = 0; t < templates.length; t++) {
      const wanted = slots[templates[t]!];
      const found = encoding === PLAIN ? wanted : directory.columnCount(t);
      if (wanted === undefined || found !== wanted) {
        throw corrupt(
          this.#what("directory"),
          `template ${templates[t]} has ${wanted} variables, not ${found}`,
        );
      }
    }
    kept.directory = directory;
    this.#charge(directory.byteLength);
    return directory;
  }

  get #layout(): Layout {
    const kept = this.#kept;
    if (kept.layout !== undefined) return kept.layout;
    const layout = layOut(this.#part.readRows(this.#block), this.entry.templates.length);
    for (const [t, lines] of this.#directory.lines.entries()) {
      if (layout.starts[t + 1]! - layout.starts[t]! !== lines) {
        throw corrupt(this.#what("rows"), `template ${t} has not the ${lines} lines its directory says`);
      }
    }
    kept.layout = layout;
    this.#charge(4 * layout.order.length + layout.starts.byteLength);
    return layout;
  }

  /** All lines. Valid as long as the caller keeps it. */
  get all(): TextColumn {
    const kept = this.#kept;
    if (kept.text !== undefined) return kept.text;
    const text =
      this.entry.encoding === PLAIN
        ? this.#part.readPlain(this.#block)
        : this.read(Uint32Array.from({ length: this.entry.lines }, (_, row) => row));
    kept.text = text;
    this.#charge(text.bytes.length + text.offsets.byteLength);
    return text;
  }

  /** Whether any line may hold a literal, by the templates alone. */
  mayHold(needle: Needle): boolean {
    return this.#reader.templates.judge(needle).mayHold[this.#block] === 1;
  }

  /** The lines that hold a literal. */
  find(needle: Needle): Rows {
    const kept = this.#kept;
    this.#reader.cache.use(kept);
    const known = kept.found.get(needle.key);
    if (known !== undefined) return known;
    const verdicts = this.#reader.templates.judge(needle);
    if (verdicts.mayHold[this.#block] === 0) return NONE;
    const rows = this.#find(needle, verdicts);
    for (const oldest of kept.found.keys()) {
      if (kept.found.size < FOUND_MAX) break;
      kept.found.delete(oldest);
    }
    kept.found.set(needle.key, rows);
    this.#charge(rows.byteLength + 2 * needle.key.length + 100);
    return rows;
  }

  /** Of lines [first, end), or of those given, what templates say of a pattern. */
  sortOut(pattern: LinePattern, first: number, end: number, among: Rows | undefined): SortedOut {
    const verdicts = this.#patternVerdicts(pattern);
    if (!verdicts.includes(SURELY) && !verdicts.includes(PERHAPS)) return { certain: NONE, open: NONE };
    const { templateOf } = this.#layout;
    const count = among?.length ?? end - first;
    const certain = new Uint32Array(count);
    const open = new Uint32Array(count);
    let certainCount = 0;
    let openCount = 0;
    for (let k = 0; k < count; k++) {
      const row = among === undefined ? first + k : among[k]!;
      const verdict = verdicts[templateOf[row]!]!;
      if (verdict === SURELY) certain[certainCount++] = row;
      else if (verdict === PERHAPS) open[openCount++] = row;
    }
    return { certain: certain.subarray(0, certainCount), open: open.subarray(0, openCount) };
  }

  /** By the block's number of the template. */
  #patternVerdicts(pattern: LinePattern): Uint8Array {
    const kept = this.#kept;
    this.#reader.cache.use(kept);
    let verdicts = kept.verdicts.get(pattern.key);
    if (verdicts === undefined) {
      const judged = this.#reader.templates.patternVerdicts(pattern);
      const { templates, encoding } = this.entry;
      verdicts = Uint8Array.from(templates, (template, t) => {
        if (encoding === PLAIN || judged.of(template) !== PERHAPS) return judged.of(template);
        const { masks, firstColumn } = this.#directory;
        return judged.refined(template, masks.subarray(firstColumn[t], firstColumn[t + 1]));
      });
      for (const oldest of kept.verdicts.keys()) {
        if (kept.verdicts.size < FOUND_MAX) break;
        kept.verdicts.delete(oldest);
      }
      kept.verdicts.set(pattern.key, verdicts);
      this.#charge(verdicts.length + 2 * pattern.key.length + 100);
    }
    return verdicts;
  }

  #find(needle: Needle, verdicts: Verdicts): Rows {
    const { templates, lines, encoding } = this.entry;
    const { of } = verdicts;
    const hits = new Hits(lines);
    for (let t = 0; t < templates.length; t++) {
      const verdict = of[templates[t]!]!;
      if (verdict === NEVER) continue;
      if (verdict === ALWAYS) this.#markAll(t, hits);
      else if (encoding === PLAIN) this.#markPlain(t, needle, hits);
      else if (verdict === CONDITIONALLY) this.#markMeeting(t, needle, verdicts, hits);
      else this.#markContaining(t, needle, hits);
    }
    return hits.rows();
  }

  #markAll(t: number, hits: Hits): void {
    const { order, starts } = this.#layout;
    for (let i = starts[t]!; i < starts[t + 1]!; i++) hits.add(order[i]!);
  }

  #markPlain(t: number, needle: Needle, hits: Hits): void {
    const { order, starts } = this.#layout;
    const { bytes, offsets } = this.all;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const literal = Buffer.from(needle.bytes);
    for (let i = starts[t]!; i < starts[t + 1]!; i++) {
      const row = order[i]!;
      if (text.subarray(offsets[row], offsets[row + 1]).includes(literal)) hits.add(row);
    }
  }

  /** Lines of which some variable contains the literal. */
  #markContaining(t: number, { contained }: Needle, hits: Hits): void {
    const { masks, firstColumn } = this.#directory;
    const first = firstColumn[t]!;
    for (let column = first; column < firstColumn[t + 1]!; column++) {
      if ((contained.mask & ~masks[column]!) !== 0) continue;
      const entry = this.#directory.entry(t);
      this.#mark(t, this.#flagsOf(t, entry, [[column - first, contained]]), hits);
    }
  }

  /** Lines whose variables meet the conditions of one of the places where the literal may lie. */
  #markMeeting(t: number, needle: Needle, { places, firstPlace }: Verdicts, hits: Hits): void {
    const directory = this.#directory;
    const first = directory.firstColumn[t]!;
    const template = this.entry.templates[t]!;
    let entry: DirectoryEntry | undefined;
    for (let i = firstPlace[template]!; i < firstPlace[template + 1]!; i++) {
      const isPossible = needle.eachCondition(
        places[i]!,
        (slot, { mask }) => (mask & ~directory.masks[first + slot]!) === 0,
      );
      if (!isPossible) continue;
      entry ??= directory.entry(t);
      const conditions: (readonly [number, Condition])[] = [];
      needle.eachCondition(places[i]!, (slot, condition) => conditions.push([slot, condition]) > 0);
      this.#mark(t, this.#flagsOf(t, entry, conditions), hits);
    }
  }

  /** Which of a template's lines meet all of some conditions on slots; undefined for none. */
  #flagsOf(
    t: number,
    entry: DirectoryEntry,
    conditions: readonly (readonly [slot: number, condition: Condition])[],
  ): Uint8Array | undefined {
    const { columns, lines } = entry;
    if (!conditions.every(([slot, condition]) => mayMeet(columns[slot]!, condition))) return undefined;
    const flags = new Uint8Array(lines).fill(1);
    for (const [slot, condition] of conditions) {
      if (allMeet(columns[slot]!, condition)) continue;
      keepMeeting(this.#column(t, slot, entry), condition, flags);
    }
    return flags.includes(1) ? flags : undefined;
  }

  #mark(t: number, flags: Uint8Array | undefined, hits: Hits): void {
    if (flags === undefined) return;
    const { order, starts } = this.#layout;
    for (let i = 0; i < flags.length; i++) if (flags[i] === 1) hits.add(order[starts[t]! + i]!);
  }

  /** One column of a template, opened. */
  #column(t: number, slot: number, entry: DirectoryEntry): Values {
    const kept = this.#kept;
    const number = this.#directory.firstColumn[t]! + slot;
    let values = kept.columns[number];
    if (values === undefined) {
      const isPacked = entry.columns[slot]!.payloadBytes > 0;
      values = this.#open(t, slot, entry, isPacked ? this.#group(entry.group) : NO_BYTES);
      kept.columns[number] = values;
      this.#charge(values.byteLength);
    }
    return values;
  }

  #open(t: number, slot: number, entry: DirectoryEntry, group: Uint8Array): Values {
    const header = entry.columns[slot]!;
    const at = entry.places[slot]!;
    const payload = group.subarray(at, at + header.payloadBytes);
    return openColumn(header, payload, entry.lines, this.#what(`template ${t}`));
  }

  #group(number: number): Uint8Array {
    const kept = this.#kept;
    let group = kept.groups[number];
    if (group === undefined) {
      group = this.#readGroup(number);
      kept.groups[number] = group;
      this.#charge(group.length);
    }
    return group;
  }

  #readGroup(number: number): Uint8Array {
    return this.#part.readGroup(this.#block, number, this.#directory.groupBytes[number]!);
  }

  /** All columns of a template, opened. */
  #columns(t: number): Values[] {
    const { firstColumn } = this.#directory;
    const columns: Values[] = [];
    let entry: DirectoryEntry | undefined;
    for (let number = firstColumn[t]!; number < firstColumn[t + 1]!; number++) {
      let values = this.#kept.columns[number];
      if (values === undefined) {
        entry ??= this.#directory.entry(t);
        values = this.#column(t, number - firstColumn[t]!, entry);
      }
      columns.push(values);
    }
    return columns;
  }

  /** Some lines, put together. */
  read(rows: Rows): TextColumn {
    this.#reader.cache.use(this.#kept);
    if (this.entry.encoding === PLAIN) return pickLines(this.all, rows);
    const { templateOf, order, starts } = this.#layout;
    const { templates, textBytes, lines } = this.entry;
    const { bytes: texts, offsets: places } = this.#reader.templates.texts;
    const opened: (OpenTemplate | undefined)[] = [];
    const offsets = new Uint32Array(rows.length + 1);
    let out = new Uint8Array(
      rows.length === lines ? textBytes : Math.ceil((textBytes / lines) * rows.length) + 256,
    );
    let at = 0;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      const t = templateOf[row]!;
      const template = templates[t]!;
      const from = places[template]!;
      const end = places[template + 1]!;
      let open = opened[t];
      if (open === undefined) {
        const columns = this.#columns(t);
        const variable = columns.reduce((sum, { bytesMax }) => sum + bytesMax, 0);
        opened[t] = open = { columns, bytesMax: end - from + variable, next: starts[t]! };
      }
      // Rows ascend, so most follow the one before in their template.
      if (order[open.next] !== row) open.next += lowerRow(order.subarray(open.next, starts[t + 1]), row);
      const i = open.next++ - starts[t]!;
      if (at + open.bytesMax > out.length) {
        const grown = new Uint8Array(2 * (at + open.bytesMax));
        grown.set(out.subarray(0, at));
        out = grown;
      }
      const { columns } = open;
      if (template === RAW) at = columns[0]!.write(i, out, at);
      else {
        for (let place = from, slot = 0; place < end; place++) {
          const byte = texts[place]!;
          if (byte === HOLE) at = columns[slot++]!.write(i, out, at);
          else out[at++] = byte;
        }
      }
      offsets[k + 1] = at;
    }
    return { bytes: out.subarray(0, at), offsets };
  }

  /** Bytes of each line, from the lengths of its template and variables: no line is put together. */
  get lengths(): Uint32Array {
    const kept = this.#kept;
    if (kept.lengths !== undefined) return kept.lengths;
    const lengths = new Uint32Array(this.entry.lines);
    if (this.entry.encoding === PLAIN) {
      const { offsets } = this.all;
      for (let row = 0; row < lengths.length; row++) lengths[row] = offsets[row + 1]! - offsets[row]!;
    } else this.#addLengths(lengths);
    kept.lengths = lengths;
    this.#charge(lengths.byteLength);
    return lengths;
  }

  #addLengths(lengths: Uint32Array): void {
    const { order, starts } = this.#layout;
    const { texts, slots } = this.#reader.templates;
    const { templates } = this.entry;
    // Groups and columns that are opened for this alone are not kept: they are many, and the lengths are.
    let groupNumber = -1;
    let groupBytes: Uint8Array = NO_BYTES;
    const group = (number: number): Uint8Array => {
      if (number !== groupNumber) groupBytes = this.#kept.groups[number] ?? this.#readGroup(number);
      groupNumber = number;
      return groupBytes;
    };
    for (let t = 0; t < templates.length; t++) {
      const template = templates[t]!;
      const entry = this.#directory.entry(t);
      let fixed =
        template === RAW ? 0 : texts.offsets[template + 1]! - texts.offsets[template]! - slots[template]!;
      const rows = order.subarray(starts[t], starts[t + 1]);
      for (const [slot, header] of entry.columns.entries()) {
        const known = fixedLength(header);
        if (known !== undefined) fixed += known;
        else this.#open(t, slot, entry, group(entry.group)).addLengths(lengths, rows);
      }
      for (const row of rows) lengths[row]! += fixed;
    }
  }
}

interface OpenTemplate {
  readonly columns: readonly Values[];
  /** What a line of it takes at most. */
  readonly bytesMax: number;
  /** Where in the block's order its next line is expected. */
  next: number;
}

/** A set of lines. */
class Hits {
  readonly #lines: number;
  #isHit: Uint8Array | undefined;
  #count = 0;

  constructor(lines: number) {
    this.#lines = lines;
  }

  add(row: number): void {
    this.#isHit ??= new Uint8Array(this.#lines);
    if (this.#isHit[row] === 1) return;
    this.#isHit[row] = 1;
    this.#count++;
  }

  rows(): Rows {
    if (this.#isHit === undefined) return NONE;
    const rows = new Uint32Array(this.#count);
    for (let row = 0, k = 0; k < rows.length; row++) if (this.#isHit[row] === 1) rows[k++] = row;
    return rows;
  }
}

function layOut(templateOf: Uint16Array, templates: number): Layout {
  const lines = templateOf.length;
  const starts = new Uint32Array(templates + 1);
  for (let row = 0; row < lines; row++) starts[templateOf[row]! + 1]!++;
  for (let t = 1; t <= templates; t++) starts[t]! += starts[t - 1]!;
  const order = new Uint16Array(lines);
  const next = starts.slice();
  for (let row = 0; row < lines; row++) order[next[templateOf[row]!]!++] = row;
  return { templateOf, order, starts };
}
