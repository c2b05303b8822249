/**
 * Which blocks there are, in one small file that is replaced whole, so that a merge's inputs and output
 * change places at once. Beside it stands a plain file with the version of the data directory's format.
 *
 *     FORMAT          "binnacle tsdb 2\n"
 *     manifest.json   checked-json.ts: {blocks: BlockMeta[], sealedThrough: newest sealed journal}
 *
 * Version 1 had the same JSON in an LMDB environment, `manifest.mdb`; it is taken over.
 */
import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { FatalError, type Logger } from "@binnacle/model";
import {
  decodeCheckedJson,
  encodeCheckedJson,
  openEnvironment,
  removeEnvironment,
  replaceFile,
} from "@binnacle/lmdb-file";
import type { BlockMeta } from "../plan.ts";
import { BlockFile } from "./block-file.ts";
import { parseBlockFile } from "./block-name.ts";
import { isCorrupt } from "./damage.ts";
import { PageCache } from "./page-cache.ts";

export const FORMAT_VERSION = 2;
const MANIFEST_VERSION = 1;
const KIND = "manifest";

export interface ManifestState {
  readonly blocks: readonly BlockMeta[];
  /** Journals up to this one are in blocks. */
  readonly sealedThrough: number;
}

export class Manifest {
  readonly #path: string;
  #state: ManifestState;

  /**
   * Throws FatalError when the directory is of a newer format. A manifest that is damaged is set aside, and
   * made anew, as one that is not there, from the blocks, which say all that it does.
   */
  constructor(dir: string, blocksDir: string, logger: Logger) {
    checkFormat(dir);
    this.#path = join(dir, "manifest.json");
    const older = join(dir, "manifest.mdb");
    const known = readManifest(this.#path, logger) ?? readOlder(older, logger);
    this.#state = known ?? rebuild(blocksDir, logger);
    if (!existsSync(older)) return;
    this.save(this.#state);
    removeEnvironment(older);
  }

  /** Begins a directory that has these blocks. */
  static create(dir: string, state: ManifestState): void {
    checkFormat(dir);
    replaceFile(join(dir, "manifest.json"), encodeCheckedJson(KIND, MANIFEST_VERSION, state));
  }

  get state(): ManifestState {
    return this.#state;
  }

  /** Durable on return. Throws what the file system throws; then the state is the one before. */
  save(state: ManifestState): void {
    replaceFile(this.#path, encodeCheckedJson(KIND, MANIFEST_VERSION, state));
    this.#state = state;
  }
}

function readManifest(path: string, logger: Logger): ManifestState | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return decodeCheckedJson(KIND, MANIFEST_VERSION, readFileSync(path), path) as ManifestState;
  } catch (error) {
    if (!isCorrupt(error)) throw new FatalError("the manifest cannot be read", { path, cause: error });
    return setAside(path, error, logger);
  }
}

function readOlder(path: string, logger: Logger): ManifestState | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const environment = openEnvironment<ManifestState, string>(path, { encoding: "json", cache: false });
    const state = environment.get("state");
    void environment.close();
    return state;
  } catch (error) {
    return setAside(path, error, logger);
  }
}

function setAside(path: string, error: unknown, logger: Logger): undefined {
  const aside = `${path}.damaged`;
  renameSync(path, aside);
  logger.error(
    { path, setAside: aside, err: error },
    "the manifest of blocks is damaged; it is made anew from them",
  );
  return undefined;
}

/** A block, and the oldest generation of the head whose samples are in it. */
interface Rebuilt {
  readonly block: BlockMeta;
  readonly oldest: number;
}

/** The state that the blocks themselves tell of. */
function rebuild(blocksDir: string, logger: Logger): ManifestState {
  const found: Rebuilt[] = [];
  for (const file of readdirSync(blocksDir)) {
    const name = parseBlockFile(file);
    if (name === undefined) continue;
    const path = join(blocksDir, file);
    try {
      using block = new BlockFile(path, new PageCache(0));
      const { minTimeMs, maxTimeMs, seriesCount, sampleCount, oldestGeneration } = block.footer;
      const facts = { minTimeMs, maxTimeMs, seriesCount, sampleCount, fileBytes: block.fileBytes };
      found.push({ block: { ...name, file, ...facts }, oldest: oldestGeneration ?? name.id });
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      logger.error({ path, err: error }, "a block is damaged and not in the manifest that is made anew");
    }
  }
  const blocks = found.filter((each) => !found.some((other) => hasReplaced(other, each)));
  const sealedThrough = found.reduce((newest, { block }) => Math.max(newest, block.id), 0);
  return { blocks: blocks.map(({ block }) => block), sealedThrough };
}

/** A crash may have left a block beside what it was merged into, or written anew as. */
function hasReplaced(a: Rebuilt, b: Rebuilt): boolean {
  const [x, y] = [a.block, b.block];
  const isNewer = x.level > y.level || (x.level === y.level && (x.revision ?? 0) > (y.revision ?? 0));
  return isNewer && a.oldest <= b.oldest && y.id <= x.id;
}

function checkFormat(dir: string): void {
  const path = join(dir, "FORMAT");
  if (existsSync(path)) {
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
    if (version === FORMAT_VERSION) return;
  }
  replaceFile(path, Buffer.from(`binnacle tsdb ${FORMAT_VERSION}\n`));
}
