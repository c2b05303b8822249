/** All checkpoints, by file (`dev:inode`): in memory, and in LMDB as of the last flush. */
import { join } from "node:path";
import type { Logger } from "@binnacle/model";
import type { RootDatabase } from "lmdb";
import { closeEnvironment, commit, openOrSetAside } from "@binnacle/lmdb-file";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "./checkpoint.ts";

/** `dev:inode`, decimal: what a file is while it exists. */
export type FileId = string;

export class CheckpointStore {
  readonly #path: string;
  readonly #environment: RootDatabase<Buffer, string>;
  readonly #checkpoints = new Map<FileId, Checkpoint>();
  readonly #changed = new Set<FileId>();
  /** Records that could not be read: damaged, or of a newer version. */
  readonly damagedCount: number;

  private constructor(path: string, environment: RootDatabase<Buffer, string>) {
    this.#path = path;
    this.#environment = environment;
    let damaged = 0;
    for (const { key, value } of environment.getRange()) {
      const checkpoint = decodeCheckpoint(value);
      if (checkpoint === undefined) damaged++;
      else this.#checkpoints.set(key, checkpoint);
    }
    this.damagedCount = damaged;
  }

  static open(directory: string, logger: Logger): CheckpointStore {
    const path = join(directory, "checkpoints.lmdb");
    const { environment } = openOrSetAside<Buffer, string>(path, { encoding: "binary" }, logger);
    return new CheckpointStore(path, environment);
  }

  get(file: FileId): Checkpoint | undefined {
    return this.#checkpoints.get(file);
  }

  /** Checkpoints of files that were followed under a path. */
  ofPath(path: string): Map<FileId, Checkpoint> {
    return new Map([...this.#checkpoints].filter(([, checkpoint]) => checkpoint.path === path));
  }

  all(): ReadonlyMap<FileId, Checkpoint> {
    return this.#checkpoints;
  }

  set(file: FileId, checkpoint: Checkpoint): void {
    this.#checkpoints.set(file, checkpoint);
    this.#changed.add(file);
  }

  delete(file: FileId): void {
    if (this.#checkpoints.delete(file)) this.#changed.add(file);
  }

  /**
   * Writes what has changed. Resolves once it is on the disk; rejects UNAVAILABLE where it cannot be: it is
   * then written with the next.
   */
  async flush(): Promise<void> {
    if (this.#changed.size === 0) return;
    const files = [...this.#changed];
    this.#changed.clear();
    const environment = this.#environment;
    try {
      const writes = files.map((file) => {
        const checkpoint = this.#checkpoints.get(file);
        if (checkpoint === undefined) return environment.remove(file);
        return environment.put(file, encodeCheckpoint(checkpoint));
      });
      await commit(this.#path, environment, () => writes);
    } catch (error) {
      for (const file of files) this.#changed.add(file);
      throw error;
    }
    await this.#environment.flushed;
  }

  async close(): Promise<void> {
    await this.flush();
    await closeEnvironment(this.#environment);
  }
}
