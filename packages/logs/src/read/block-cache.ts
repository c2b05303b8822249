/**
 * What a reader keeps of parts between queries: unpacked columns, block by block. The block that was used
 * least recently is forgotten first, whole, when the bytes of all pass a bound.
 */
import type { LineMetadata } from "@binnacle/model";
import type { BlockTimes } from "../part/block-codec.ts";
import type { BlockDirectory } from "../part/block-templates.ts";
import type { Values } from "../part/column-values.ts";
import type { TextColumn } from "../part/text-column.ts";
import type { PartTemplates } from "./part-templates.ts";

/** Line numbers of a block, ascending. */
export type Rows = Uint32Array;

/** The lines of a block by template: of t they are order[starts[t] … starts[t + 1]). */
export interface Layout {
  readonly templateOf: Uint16Array;
  readonly order: Uint16Array;
  readonly starts: Uint32Array;
}

/** Of one block what has been unpacked so far, and the answers to the newest few literals. */
export class KeptBlock {
  bytes = 0;
  times: BlockTimes | undefined;
  directory: BlockDirectory | undefined;
  layout: Layout | undefined;
  /** By number of the group. */
  groups: (Uint8Array | undefined)[] = [];
  /** By number of the column, see BlockDirectory. */
  columns: (Values | undefined)[] = [];
  text: TextColumn | undefined;
  /** Bytes of each line. */
  lengths: Uint32Array | undefined;
  metadata: readonly (LineMetadata | undefined)[] | undefined;
  readonly found = new Map<string, Rows>();
  /** What its templates say of the newest few patterns. */
  readonly verdicts = new Map<string, Uint8Array>();

  forget(): void {
    this.bytes = 0;
    this.times = undefined;
    this.directory = undefined;
    this.layout = undefined;
    this.groups = [];
    this.columns = [];
    this.text = undefined;
    this.lengths = undefined;
    this.metadata = undefined;
    this.found.clear();
    this.verdicts.clear();
  }
}

export class KeptPart {
  bytes = 0;
  templates: PartTemplates | undefined;
  readonly #blocks: (KeptBlock | undefined)[] = [];

  block(number: number): KeptBlock {
    return (this.#blocks[number] ??= new KeptBlock());
  }

  forget(): void {
    this.bytes = 0;
    this.templates = undefined;
  }
}

type Kept = KeptBlock | KeptPart;

export class BlockCache {
  readonly #bytesMax: number;
  readonly #parts = new Map<string, KeptPart>();
  /** What has bytes, the least recently used first. */
  readonly #used = new Set<Kept>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** What is kept of a part. A path always names the same bytes. */
  part(path: string): KeptPart {
    let part = this.#parts.get(path);
    if (part === undefined) this.#parts.set(path, (part = new KeptPart()));
    return part;
  }

  /** Forgets a part that is no more. */
  drop(path: string): void {
    this.#parts.delete(path);
  }

  /** Marks as just used. */
  use(kept: Kept): void {
    if (this.#used.delete(kept)) this.#used.add(kept);
  }

  /** Adds bytes to what was just used, and forgets others for them. */
  charge(kept: Kept, bytes: number): void {
    kept.bytes += bytes;
    this.#bytes += bytes;
    this.#used.delete(kept);
    this.#used.add(kept);
    for (const oldest of this.#used) {
      if (this.#bytes <= this.#bytesMax || oldest === kept) break;
      this.#used.delete(oldest);
      this.#bytes -= oldest.bytes;
      oldest.forget();
    }
  }
}
