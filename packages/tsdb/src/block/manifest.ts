/**
 * Which blocks there are, in a small LMDB environment: one value, replaced whole, so that a merge's inputs
 * and output change places at once. Beside it stands a plain file with the version of the data directory's
 * format.
 *
 *     FORMAT          "binnacle tsdb 1\n"
 *     manifest.mdb    "state" → JSON {blocks: BlockMeta[], sealedThrough: newest sealed journal}
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FatalError } from "@binnacle/model";
import type { RootDatabase } from "lmdb";
import { openEnvironment } from "@binnacle/lmdb-file";
import type { BlockMeta } from "../plan.ts";
import { BlockFile } from "./block-file.ts";
import { parseBlockFile } from "./block-name.ts";
import { syncDirectory } from "./block-writer.ts";
import { PageCache } from "./page-cache.ts";

export const FORMAT_VERSION = 1;

export interface ManifestState {
  readonly blocks: readonly BlockMeta[];
  /** Journals up to this one are in blocks. */
  readonly sealedThrough: number;
}

export class Manifest {
  readonly #environment: RootDatabase<ManifestState, string>;
  #state: ManifestState;

  /**
   * Throws FatalError when the directory is of a newer format or the manifest is damaged. One that is not
   * there is made anew from the blocks, which say all that it does.
   */
  constructor(dir: string, blocksDir: string) {
    checkFormat(dir);
    const path = join(dir, "manifest.mdb");
    const options = { encoding: "json", cache: false } as const;
    this.#environment = openEnvironment(path, options);
    this.#state = this.#environment.get("state") ?? rebuild(blocksDir);
  }

  get state(): ManifestState {
    return this.#state;
  }

  /** Resolves once the new state is durable. */
  async save(state: ManifestState): Promise<void> {
    await this.#environment.put("state", state);
    await this.#environment.flushed;
    this.#state = state;
  }

  async close(): Promise<void> {
    await this.#environment.close();
  }
}

/** The state that the blocks themselves tell of. */
function rebuild(blocksDir: string): ManifestState {
  const blocks: BlockMeta[] = [];
  const files = readdirSync(blocksDir);
  const replaced = replacedRevisions(files);
  for (const file of files) {
    const name = parseBlockFile(file);
    if (name === undefined || replaced.has(file)) continue;
    using block = new BlockFile(join(blocksDir, file), new PageCache(0));
    const { minTimeMs, maxTimeMs, seriesCount, sampleCount } = block.footer;
    blocks.push({
      ...name,
      file,
      minTimeMs,
      maxTimeMs,
      seriesCount,
      sampleCount,
      fileBytes: block.fileBytes,
    });
  }
  return { blocks, sealedThrough: blocks.reduce((newest, { id }) => Math.max(newest, id), 0) };
}

/** A crash may have left a block beside what it was written anew as. */
function replacedRevisions(files: readonly string[]): ReadonlySet<string> {
  const replaced = new Set<string>();
  const newest = new Map<string, { file: string; revision: number }>();
  for (const file of files) {
    const name = parseBlockFile(file);
    if (name === undefined) continue;
    const key = `${name.id}-${name.level}`;
    const other = newest.get(key);
    if (other !== undefined && other.revision > name.revision) {
      replaced.add(file);
      continue;
    }
    if (other !== undefined) replaced.add(other.file);
    newest.set(key, { file, revision: name.revision });
  }
  return replaced;
}

function checkFormat(dir: string): void {
  const path = join(dir, "FORMAT");
  if (!existsSync(path)) {
    writeFileSync(path, `binnacle tsdb ${FORMAT_VERSION}\n`, { flush: true });
    syncDirectory(dir);
    return;
  }
  const text = readFileSync(path, "utf8");
  const version = Number(/^binnacle tsdb (\d{1,9})\n$/.exec(text)?.[1]);
  if (!(version >= 1))
    throw new FatalError(`not a format of a metrics store: ${JSON.stringify(text.slice(0, 80))}`, { path });
  if (version > FORMAT_VERSION) {
    throw new FatalError(
      `the data directory has format version ${version}; this program reads up to ${FORMAT_VERSION}: start a newer one`,
      { path },
    );
  }
}
