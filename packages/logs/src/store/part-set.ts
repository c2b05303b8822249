/** The parts that are live, and those that are not any more but that a reader still holds. */
import { renameSync, rmSync } from "node:fs";
import type { PartIndex } from "../part/part-index.ts";
import { comparePartNames, DAMAGED_SUFFIX, DOOMED_SUFFIX, type PartName } from "./layout.ts";

export interface LivePart extends PartName {
  readonly path: string;
  readonly bytes: number;
  readonly index: PartIndex;
  readonly maxNs: bigint;
  /** What of it was damaged and read from its copy when it was opened. */
  readonly damage: readonly string[];
}

const NONE: ReadonlySet<LivePart> = new Set();

export class PartSet {
  #live: LivePart[] = [];
  readonly #pins = new Map<LivePart, number>();
  readonly #doomed = new Set<LivePart>();

  /** In the order in which their lines came. */
  get live(): readonly LivePart[] {
    return this.#live;
  }

  /**
   * Replaces some parts by others at once. The files of those that leave lose their names at once, so that no
   * crash brings them back, and go when nobody reads them any more; damaged ones are kept.
   */
  replace(
    removed: readonly LivePart[],
    added: readonly LivePart[],
    damaged: ReadonlySet<LivePart> = NONE,
  ): void {
    const leaving = new Set(removed);
    this.#live = [...this.#live.filter((part) => !leaving.has(part)), ...added].sort(comparePartNames);
    for (const part of removed) {
      if (damaged.has(part)) renameSync(part.path, part.path + DAMAGED_SUFFIX);
      else if (this.#pins.has(part)) {
        renameSync(part.path, part.path + DOOMED_SUFFIX);
        this.#doomed.add(part);
      } else rmSync(part.path, { force: true });
    }
  }

  pin(parts: readonly LivePart[]): void {
    for (const part of parts) this.#pins.set(part, (this.#pins.get(part) ?? 0) + 1);
  }

  unpin(parts: readonly LivePart[]): void {
    for (const part of parts) {
      const pins = this.#pins.get(part)! - 1;
      if (pins > 0) {
        this.#pins.set(part, pins);
        continue;
      }
      this.#pins.delete(part);
      if (this.#doomed.delete(part)) rmSync(part.path + DOOMED_SUFFIX, { force: true });
    }
  }
}
