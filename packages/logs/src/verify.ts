/** Reads all of a log store's files and says which are damaged, and where. Changes nothing. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BinnacleError, FatalError } from "@binnacle/model";
import { decodeDeletions } from "./deletion/deletion-store.ts";
import { PartFile } from "./part/part-file.ts";
import { findFault } from "./read/find-fault.ts";
import { readJournal } from "./store/journal.ts";
import {
  DELETIONS_FILE,
  JOURNAL_DIR,
  parseDayDirectory,
  parseJournalFile,
  parsePartFile,
  PARTS_DIR,
} from "./store/layout.ts";

/** One file that was read. */
export interface VerifiedLogFile {
  readonly path: string;
  /** Lines that can be read; undefined where a file has none of its own. */
  readonly lines: number | undefined;
  /** What is wrong, each with its place; none where all is well. */
  readonly damage: readonly string[];
}

/** File by file, so that whoever asks can show how far it is. `total` counts the files. */
export function verifyLogStore(dir: string): { total: number; files: Iterable<VerifiedLogFile> } {
  const partsDir = join(dir, PARTS_DIR);
  const parts = list(partsDir).flatMap((directory) => {
    const day = parseDayDirectory(directory);
    if (day === undefined) return [];
    const names = list(join(partsDir, directory)).filter((name) => parsePartFile(day, name) !== undefined);
    return names.map((name) => join(partsDir, directory, name));
  });
  const journals = list(join(dir, JOURNAL_DIR)).filter((name) => parseJournalFile(name) !== undefined);
  const deletions = join(dir, DELETIONS_FILE);
  const steps = [
    ...parts.map((path) => () => verifyPart(path)),
    ...journals.map((name) => () => verifyJournal(join(dir, JOURNAL_DIR, name))),
    ...(existsSync(deletions) ? [() => verifyDeletions(deletions)] : []),
  ];
  return {
    total: steps.length,
    files: (function* () {
      for (const step of steps) yield step();
    })(),
  };
}

function list(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir).sort() : [];
}

function verifyPart(path: string): VerifiedLogFile {
  const damage = new Set<string>();
  let lines = 0;
  try {
    using part = new PartFile(path);
    for (const [block, entry] of part.index.blocks.entries()) {
      const fault = findFault(part, block);
      if (fault === undefined) lines += entry.lines;
      else damage.add(fault);
    }
    part.checkCopies();
    for (const fault of part.damage) damage.add(fault);
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    damage.add(error.message);
  }
  return { path, lines, damage: [...damage] };
}

function verifyJournal(path: string): VerifiedLogFile {
  const damage: string[] = [];
  let lines = 0;
  for (const { streams } of readJournal(path, (message) => damage.push(message))) {
    for (const { section } of streams) {
      lines += new DataView(section.buffer, section.byteOffset, 4).getUint32(0, true);
    }
  }
  return { path, lines, damage };
}

function verifyDeletions(path: string): VerifiedLogFile {
  try {
    decodeDeletions(readFileSync(path), path);
    return { path, lines: undefined, damage: [] };
  } catch (error) {
    if (!(error instanceof FatalError)) throw error;
    return { path, lines: undefined, damage: [error.message] };
  }
}
