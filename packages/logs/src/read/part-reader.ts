/** A part as one query reads it: its open file, and what the cache keeps of it. */
import type { PartFile } from "../part/part-file.ts";
import type { BlockCache, KeptPart } from "./block-cache.ts";
import { BlockText, type BlockHome } from "./block-text.ts";
import { PartTemplates } from "./part-templates.ts";

export class PartReader implements BlockHome {
  readonly file: PartFile;
  readonly cache: BlockCache;
  readonly kept: KeptPart;
  readonly #blocks: (BlockText | undefined)[] = [];

  constructor(file: PartFile, cache: BlockCache) {
    this.file = file;
    this.cache = cache;
    this.kept = cache.part(file.path);
  }

  get templates(): PartTemplates {
    const { kept } = this;
    this.cache.use(kept);
    if (kept.templates === undefined) {
      const { cache } = this;
      const templates = new PartTemplates(this.file.readTemplates(), this.file.index, (bytes) => {
        if (kept.templates === templates) cache.charge(kept, bytes);
      });
      kept.templates = templates;
      cache.charge(kept, templates.byteLength);
    }
    return kept.templates;
  }

  block(number: number): BlockText {
    return (this.#blocks[number] ??= new BlockText(this, number));
  }
}

const readers = new WeakMap<PartFile, PartReader>();

/** The reader of an open file; one cache reads it. */
export function readerOf(file: PartFile, cache: BlockCache): PartReader {
  let reader = readers.get(file);
  if (reader === undefined) readers.set(file, (reader = new PartReader(file, cache)));
  return reader;
}
