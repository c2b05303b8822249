/**
 * What lies in the store's directory, by name. Which parts are live is said by the names alone, so that no
 * list of them can be lost or disagree:
 *
 *     VERSION                                 "binnacle-logs 1"
 *     deletions.json                          what was deleted (deletion-store.ts)
 *     recent-batches                          batches that are not taken again (recent-batches.ts)
 *     journal/00000012.mdb                    a generation that is not yet sealed
 *     parts/2026-03-01/00000003-00000007.part   lines of that UTC day from generations 3 to 7
 *     parts/2026-03-01/00000003-00000007-2.part  the same, written anew for the second time
 *
 * A part whose generations another part of its day includes was merged into it, and of two with the same
 * generations the higher revision was made of the other. A part of a generation that still has its journal
 * comes from a sealing that was cut short. All of them are to be removed at start.
 */

export const VERSION_FILE = "VERSION";
export const VERSION_TEXT = "binnacle-logs 1\n";
export const JOURNAL_DIR = "journal";
export const PARTS_DIR = "parts";
export const DELETIONS_FILE = "deletions.json";
export const RECENT_BATCHES_FILE = "recent-batches";
/** A file that could not be read is kept under its name with this after it, out of the way. */
export const DAMAGED_SUFFIX = ".damaged";
/** A part that is no longer of the store and that a reader still has may be found under this name. */
export const DOOMED_SUFFIX = ".doomed";

export const DAY_NS = 86_400_000_000_000n;

/** A part as its name tells it. */
export interface PartName {
  /** Days since 1970. */
  readonly day: number;
  readonly firstGeneration: number;
  readonly lastGeneration: number;
  /** How often it was written anew, of the same generations; 0 at first. */
  readonly revision: number;
}

export function journalFile(generation: number): string {
  return `${pad(generation)}.mdb`;
}

export function parseJournalFile(name: string): number | undefined {
  const match = /^(\d{8,})\.mdb$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

export function dayDirectory(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, -"T00:00:00.000Z".length);
}

export function parseDayDirectory(name: string): number | undefined {
  const ms = /^[+-]?\d{4,6}-\d\d-\d\d$/.test(name) ? Date.parse(`${name}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms / 86_400_000;
}

export function partFile(part: PartName): string {
  const revision = part.revision === 0 ? "" : `-${part.revision}`;
  return `${pad(part.firstGeneration)}-${pad(part.lastGeneration)}${revision}.part`;
}

export function parsePartFile(day: number, name: string): PartName | undefined {
  const match = /^(\d{8,})-(\d{8,})(?:-(\d+))?\.part$/.exec(name);
  if (match === null) return undefined;
  const revision = Number(match[3] ?? 0);
  return { day, firstGeneration: Number(match[1]), lastGeneration: Number(match[2]), revision };
}

function pad(generation: number): string {
  return String(generation).padStart(8, "0");
}

export function dayOf(timeNs: bigint): number {
  const day = timeNs / DAY_NS;
  return Number(timeNs < 0n && day * DAY_NS !== timeNs ? day - 1n : day);
}

/** Parts in the order in which their lines came; of one day they never overlap. */
export function comparePartNames(a: PartName, b: PartName): number {
  return a.day - b.day || a.firstGeneration - b.firstGeneration;
}

/** Which parts are live and which a crash left over, given the generations that still have a journal. */
export function planRecovery(
  parts: readonly PartName[],
  journals: readonly number[],
): { live: PartName[]; obsolete: PartName[] } {
  const oldestJournal = Math.min(Infinity, ...journals);
  const live: PartName[] = [];
  const obsolete: PartName[] = [];
  for (const part of parts) {
    const isUnfinished = part.lastGeneration >= oldestJournal;
    const isMerged = parts.some((other) => other !== part && replaces(other, part));
    (isUnfinished || isMerged ? obsolete : live).push(part);
  }
  return { live: live.sort(comparePartNames), obsolete };
}

function replaces(other: PartName, part: PartName): boolean {
  if (other.day !== part.day) return false;
  const isSame =
    other.firstGeneration === part.firstGeneration && other.lastGeneration === part.lastGeneration;
  if (isSame) return other.revision > part.revision;
  return other.firstGeneration <= part.firstGeneration && other.lastGeneration >= part.lastGeneration;
}
