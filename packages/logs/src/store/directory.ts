/**
 * Opens the store's directory: checks its version, removes what a crash left over, finds parts and journals.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { BinnacleError, FatalError, type Logger } from "@binnacle/model";
import { PartFile } from "../part/part-file.ts";
import { TEMPORARY_SUFFIX } from "../part/part-writer.ts";
import {
  DAMAGED_SUFFIX,
  dayDirectory,
  DOOMED_SUFFIX,
  JOURNAL_DIR,
  journalFile,
  parseDayDirectory,
  parseJournalFile,
  parsePartFile,
  partFile,
  PARTS_DIR,
  planRecovery,
  VERSION_FILE,
  VERSION_TEXT,
  type PartName,
} from "./layout.ts";
import type { LivePart } from "./part-set.ts";

export interface OpenedDirectory {
  readonly partsDir: string;
  readonly journalDir: string;
  readonly parts: readonly LivePart[];
  /** Generations that have a journal, ascending. */
  readonly journals: readonly number[];
  /** Files that could not be read and were put aside. */
  readonly damaged: readonly string[];
  /** Higher than every generation there ever was. */
  readonly nextGeneration: number;
}

/** Throws FatalError for a directory of another program or of a version that this one does not know. */
export function openDirectory(dir: string, logger: Logger): OpenedDirectory {
  const partsDir = join(dir, PARTS_DIR);
  const journalDir = join(dir, JOURNAL_DIR);
  mkdirSync(partsDir, { recursive: true });
  mkdirSync(journalDir, { recursive: true });
  checkVersion(dir);

  const journals = readdirSync(journalDir)
    .map(parseJournalFile)
    .filter((generation) => generation !== undefined)
    .sort((a, b) => a - b);
  const names = listParts(partsDir);
  let nextGeneration = 1;
  for (const name of readdirSync(journalDir)) {
    // One that was put aside keeps its number too.
    const generation = parseJournalFile(name.replace(DAMAGED_SUFFIX, ""));
    if (generation !== undefined) nextGeneration = Math.max(nextGeneration, generation + 1);
  }
  for (const { lastGeneration } of names) nextGeneration = Math.max(nextGeneration, lastGeneration + 1);

  const { live, obsolete } = planRecovery(names, journals);
  for (const name of obsolete) rmSync(pathOfPart(partsDir, name), { force: true });
  const damaged: string[] = [];
  const parts: LivePart[] = [];
  for (const name of live) {
    const path = pathOfPart(partsDir, name);
    try {
      parts.push(openLivePart(path, name));
    } catch (error) {
      if (!(error instanceof BinnacleError)) throw error;
      logger.error({ path, error: error.message }, "a log part is damaged and is put aside");
      damaged.push(putAside(path));
    }
  }
  return { partsDir, journalDir, parts, journals, damaged, nextGeneration };
}

function checkVersion(dir: string): void {
  const path = join(dir, VERSION_FILE);
  if (!existsSync(path)) {
    writeFileSync(path, VERSION_TEXT);
    return;
  }
  const found = readFileSync(path, "utf8");
  if (found !== VERSION_TEXT) {
    const expected = JSON.stringify(VERSION_TEXT.trim());
    throw new FatalError(`the log store's version is ${JSON.stringify(found.trim())}, expected ${expected}`, {
      path,
    });
  }
}

function listParts(partsDir: string): PartName[] {
  const names: PartName[] = [];
  for (const directory of readdirSync(partsDir)) {
    const day = parseDayDirectory(directory);
    if (day === undefined) continue;
    const files = readdirSync(join(partsDir, directory));
    if (files.length === 0) rmdirSync(join(partsDir, directory));
    for (const file of files) {
      const name = parsePartFile(day, file);
      if (name !== undefined) names.push(name);
      else if (file.endsWith(TEMPORARY_SUFFIX) || file.endsWith(DOOMED_SUFFIX)) {
        rmSync(join(partsDir, directory, file), { force: true });
      }
    }
  }
  return names;
}

export function pathOfPart(partsDir: string, name: PartName): string {
  return join(partsDir, dayDirectory(name.day), partFile(name));
}

export function pathOfJournal(journalDir: string, generation: number): string {
  return join(journalDir, journalFile(generation));
}

/** Reads the index of a part. Throws CORRUPT_DATA. */
export function openLivePart(path: string, name: PartName): LivePart {
  using part = new PartFile(path);
  return {
    ...name,
    path,
    bytes: part.bytes,
    index: part.index,
    maxNs: part.index.maxNs,
    damage: part.damage,
  };
}

export function putAside(path: string): string {
  const target = path + DAMAGED_SUFFIX;
  renameSync(path, target);
  return target;
}
