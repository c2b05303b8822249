/**
 * Which files of a rotated log are still to be read, and from where: the current one, and those beside it
 * that rotation moved away before they were read to their end.
 */
import { basename, dirname, join } from "node:path";
import { stat } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { listDirectory } from "../files/list-directory.ts";
import { TAIL_SIBLINGS_MAX } from "../limits.ts";
import type { FileId } from "./checkpoint-store.ts";
import { MARKER_BYTES, PREFIX_BYTES, type Checkpoint } from "./checkpoint.ts";
import { isGzip, openLogFile, type OpenedLogFile } from "./open-log-file.ts";
import { isCompressed } from "./source-files.ts";
import { readExactly } from "./tailed-file.ts";

/** By what a file is known again, and up to where it was read. */
export type KnownPosition = Pick<Checkpoint, "offset" | "prefixCrc" | "markerCrc">;

/** A file of a log: the one under its own path, or one that rotation moved aside. */
export interface Generation {
  readonly id: FileId;
  readonly path: string;
  readonly isCurrent: boolean;
  readonly size: number;
  /** Unix ms with a fraction. */
  readonly mtimeMs: number;
  readonly bornMs: number;
}

/** What is known of a generation: it is being read already, it was read up to an offset, or nothing. */
export type Knowledge = "open" | { readonly offset: number } | undefined;

export interface PlannedRead {
  readonly generation: Generation;
  readonly offset: number;
}

/**
 * The files to open, oldest first. Files nobody knows are read from their start when they are younger than
 * one that is known: rotation made them while we looked away. Older ones are history from before our time.
 * Where none is known any more, what changed after `lastSeenMs` (our last checkpoint of this log) was surely
 * not read.
 */
export function planGenerations(
  generations: readonly Generation[],
  knowledge: ReadonlyMap<FileId, Knowledge>,
  lastSeenMs: number | undefined,
): PlannedRead[] {
  const ordered = [...generations].sort(
    (a, b) =>
      Number(a.isCurrent) - Number(b.isCurrent) ||
      a.mtimeMs - b.mtimeMs ||
      a.bornMs - b.bornMs ||
      rotationNumber(b.path) - rotationNumber(a.path),
  );
  const newestKnown = ordered.findLastIndex(({ id }) => isReadIn(knowledge.get(id)));
  const reference = ordered[newestKnown];
  const planned: PlannedRead[] = [];
  ordered.forEach((generation, i) => {
    const known = knowledge.get(generation.id);
    if (known === "open") return;
    if (known !== undefined) {
      const isUnread = generation.isCurrent || known.offset < generation.size;
      if (isUnread) planned.push({ generation, offset: known.offset });
      return;
    }
    // The old file may still be written to after its rename, so its last change alone does not tell; its
    // birth does.
    const isYounger =
      reference === undefined
        ? lastSeenMs !== undefined && generation.mtimeMs > lastSeenMs
        : !reference.isCurrent && (i > newestKnown || generation.bornMs > reference.bornMs);
    if (generation.isCurrent || isYounger) planned.push({ generation, offset: 0 });
  });
  return planned;
}

/**
 * Of `app.log.2` it is 2, the older the higher: for files whose times the file system does not tell apart.
 */
function rotationNumber(path: string): number {
  return Number(/\.(\d{1,4})(?:\.gz)?$/.exec(path)?.[1] ?? 0);
}

/** Whether anything of it was read: a file that was only seen says nothing of what came before it. */
function isReadIn(known: Knowledge): boolean {
  return known === "open" || (known !== undefined && known.offset > 0);
}

/**
 * The log's own file and the rotated ones beside it: `app.log.1`, `app.log-20260102`,
 * `0.log.20260102-150405`, and those of them that were packed (`.gz`). A rotation in the middle of looking
 * would hide a file or show it twice: then it is looked at again.
 */
export async function listGenerations(path: string): Promise<Generation[]> {
  for (let tries = 1; ; tries++) {
    const generations = await listOnce(path);
    const isSteady = generations.find(({ isCurrent }) => isCurrent)?.id === (await look(path, true))?.id;
    const ids = new Set(generations.map(({ id }) => id));
    if ((isSteady && ids.size === generations.length) || tries === LISTING_TRIES_MAX) return generations;
  }
}

const LISTING_TRIES_MAX = 5;

async function listOnce(path: string): Promise<Generation[]> {
  const directory = dirname(path);
  const name = basename(path);
  const current = await look(path, true);
  const found: Generation[] = [];
  for (const candidate of await listDirectory(directory)) {
    const isSibling = candidate.startsWith(name) && /^[.\-_]/.test(candidate.slice(name.length));
    if (!isSibling || (isCompressed(candidate) && !isGzip(candidate))) continue;
    const sibling = await look(join(directory, candidate), false);
    // How much is in a packed file is known only once it is unpacked.
    if (sibling !== undefined) found.push(isGzip(candidate) ? { ...sibling, size: Infinity } : sibling);
  }
  const newest = found.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(0, TAIL_SIBLINGS_MAX);
  return current === undefined ? newest : [current, ...newest];
}

async function look(path: string, isCurrent: boolean): Promise<Generation | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  if (stats === undefined || !stats.isFile()) return undefined;
  return {
    id: `${stats.dev}:${stats.ino}`,
    path,
    isCurrent,
    size: Number(stats.size),
    mtimeMs: Number(stats.mtimeNs) / 1e6,
    bornMs: Number(stats.birthtimeNs) / 1e6,
  };
}

/** Whether an open file begins and goes on, up to the offset, as the one that was read. */
export async function matchesPosition({ handle }: OpenedLogFile, known: KnownPosition): Promise<boolean> {
  const { offset } = known;
  const { size } = await handle.stat();
  if (size < offset) return false;
  const prefix = await readExactly(handle, 0, Math.min(PREFIX_BYTES, offset));
  if (crc32(prefix) !== known.prefixCrc) return false;
  const markerBytes = Math.min(MARKER_BYTES, offset);
  const marker = await readExactly(handle, offset - markerBytes, markerBytes);
  return crc32(marker) === known.markerCrc;
}

/**
 * What is known of each file: by its id where the content agrees (an inode comes back for another file), else
 * as a copy of one that was read (copytruncate, a move between file systems).
 */
export async function recognize(
  generations: readonly Generation[],
  roots: readonly string[],
  known: {
    isOpen(id: FileId): boolean;
    positionOf(id: FileId): KnownPosition | undefined;
    /** Of all files of this log, open ones included. */
    readonly positions: readonly KnownPosition[];
  },
): Promise<Map<FileId, Knowledge>> {
  const knowledge = new Map<FileId, Knowledge>();
  for (const { id, path } of generations) {
    if (known.isOpen(id)) {
      knowledge.set(id, "open");
      continue;
    }
    const own = known.positionOf(id);
    const others = known.positions.filter((position) => position !== own && position.offset > 0);
    if (own === undefined && others.length === 0) continue;
    const opened = await openLogFile(path, roots).catch(() => undefined);
    if (opened === undefined) continue;
    try {
      if (opened.id !== id) continue;
      // A file we have read and that is not what it was: truncated, or a new one that got an old number.
      if (own !== undefined) knowledge.set(id, { offset: 0 });
      for (const position of own === undefined ? others : [own, ...others]) {
        if (!(await matchesPosition(opened, position))) continue;
        knowledge.set(id, { offset: position.offset });
        break;
      }
    } finally {
      await opened.handle.close();
    }
  }
  return knowledge;
}
