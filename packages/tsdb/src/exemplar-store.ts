/**
 * The newest exemplars: in memory to be found, in the journal while their generation is open, and in a small
 * file a generation once it is sealed.
 *
 *     exemplars/<generation>.json.zst   zstd of lines of JSON:
 *                                       [labels, exemplar's labels, time, value's high word, its low word]
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { Labels, wordsOf, type Logger } from "@binnacle/model";
import { replaceFile, syncDirectory } from "@binnacle/lmdb-file";
import { ExemplarRing, type StoredExemplar } from "./exemplar-ring.ts";
import { EXEMPLARS_MAX, PAGE_BYTES_MAX } from "./limits.ts";

const FILE_PATTERN = /^(\d{8,15})\.json\.zst$/;

type ExemplarLine = readonly [labels: string[], own: string[], timeMs: number, high: number, low: number];

/** Whether a deletion is about an exemplar that came in a generation of the head. */
export type IsExemplarDeleted = (exemplar: StoredExemplar, generation: number) => boolean;

export class ExemplarStore {
  readonly #isDeleted: IsExemplarDeleted;
  readonly #dir: string;
  readonly #ring = new ExemplarRing(EXEMPLARS_MAX);
  /** Not in a file yet, by generation. */
  readonly #open = new Map<number, StoredExemplar[]>();
  /** Exemplars in each file, oldest first. */
  readonly #files = new Map<number, number>();

  /**
   * Reads the files of generations up to `sealedThrough`; those after it are in journals still, and theirs is
   * a crash's. A file that cannot be read is logged and left out. A crash may have come between a deletion
   * and what it does to files: so what is deleted is left out too.
   */
  constructor(dir: string, sealedThrough: number, isDeleted: IsExemplarDeleted, logger: Logger) {
    this.#isDeleted = isDeleted;
    this.#dir = dir;
    mkdirSync(dir, { recursive: true });
    for (const file of readdirSync(dir).sort()) {
      const path = join(dir, file);
      const generation = Number(FILE_PATTERN.exec(file)?.[1] ?? Number.POSITIVE_INFINITY);
      if (generation > sealedThrough) {
        rmSync(path, { force: true });
        continue;
      }
      try {
        const exemplars = decodeExemplars(readFileSync(path));
        for (const exemplar of exemplars) if (!isDeleted(exemplar, generation)) this.#ring.add(exemplar);
        this.#files.set(generation, exemplars.length);
      } catch (error) {
        logger.error({ path, err: error }, "a file of exemplars is damaged and left out");
      }
    }
  }

  /** Brings back one that a journal has, unless it is deleted. */
  restore(generation: number, exemplar: StoredExemplar): void {
    if (!this.#isDeleted(exemplar, generation)) this.add(generation, exemplar);
  }

  /** Removes those that are meant, from memory and from files. Durable on return. */
  delete(isMeant: (exemplar: StoredExemplar) => boolean): void {
    this.#ring.remove(isMeant);
    for (const [generation, exemplars] of this.#open)
      this.#open.set(
        generation,
        exemplars.filter((exemplar) => !isMeant(exemplar)),
      );
    for (const generation of this.#files.keys()) {
      const exemplars = decodeExemplars(readFileSync(this.#path(generation)));
      const kept = exemplars.filter((exemplar) => !isMeant(exemplar));
      if (kept.length < exemplars.length) this.#write(generation, kept);
    }
  }

  add(generation: number, exemplar: StoredExemplar): void {
    this.#ring.add(exemplar);
    const open = this.#open.get(generation);
    if (open === undefined) this.#open.set(generation, [exemplar]);
    else open.push(exemplar);
    // More than the ring has room for would be forgotten when it is read.
    if (open !== undefined && open.length >= 2 * EXEMPLARS_MAX) open.splice(0, open.length - EXEMPLARS_MAX);
  }

  find: ExemplarRing["find"] = (range, matches) => this.#ring.find(range, matches);

  /**
   * Writes a generation's file, and removes those that the newer ones have crowded out. Durable on return.
   */
  seal(generation: number): void {
    const exemplars = this.#open.get(generation)?.slice(-EXEMPLARS_MAX) ?? [];
    if (exemplars.length > 0) this.#write(generation, exemplars);
    this.#open.delete(generation);
    let newer = 0;
    for (const [file, count] of [...this.#files].reverse()) {
      if (newer >= EXEMPLARS_MAX) {
        rmSync(this.#path(file), { force: true });
        this.#files.delete(file);
      }
      newer += count;
    }
  }

  /** Its files, for copying. */
  get files(): readonly string[] {
    return [...this.#files.keys()].map((generation) => this.#path(generation));
  }

  /** Nothing in it: no file. */
  #write(generation: number, exemplars: readonly StoredExemplar[]): void {
    const path = this.#path(generation);
    if (exemplars.length > 0) {
      replaceFile(path, encodeExemplars(exemplars));
      this.#files.set(generation, exemplars.length);
      return;
    }
    rmSync(path, { force: true });
    syncDirectory(this.#dir);
    this.#files.delete(generation);
  }

  #path(generation: number): string {
    return join(this.#dir, `${String(generation).padStart(8, "0")}.json.zst`);
  }
}

export function encodeExemplars(exemplars: readonly StoredExemplar[]): Buffer {
  const lines = exemplars.map(({ series, labels, value, timeMs }) => {
    const words = wordsOf(Float64Array.of(value));
    const line: ExemplarLine = [[...series.pairs], [...labels.pairs], timeMs, words[1]!, words[0]!];
    return JSON.stringify(line);
  });
  return zstdCompressSync(lines.join("\n"), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
}

/** Throws what decompressing and parsing throw. */
export function decodeExemplars(bytes: Uint8Array): StoredExemplar[] {
  const text = zstdDecompressSync(bytes, { maxOutputLength: PAGE_BYTES_MAX }).toString();
  return text.split("\n").map((line) => {
    const [series, labels, timeMs, high, low] = JSON.parse(line) as ExemplarLine;
    const value = new Float64Array(Uint32Array.of(low, high).buffer)[0]!;
    return { series: Labels.fromSortedPairs(series), labels: Labels.fromSortedPairs(labels), value, timeMs };
  });
}
