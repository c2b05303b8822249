/** The generations of the head with their journals: opening, replaying, switching over, deleting. */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "@binnacle/model";
import type { HeadGeneration } from "./head/generation.ts";
import type { Head } from "./head/head.ts";
import type { StoredExemplar } from "./exemplar-ring.ts";
import { removeEnvironment } from "@binnacle/lmdb-file";
import type { DamageSink } from "./block/damage.ts";
import { Journal, type JournalSync } from "./journal/journal.ts";
import { replayJournal, type ReplayDamage } from "./journal/replay.ts";
import type { RecordHandler } from "./journal/journal-record.ts";

const FILE_PATTERN = /^(\d{8,12})\.mdb$/;

export interface HeadJournalsOptions {
  readonly dir: string;
  readonly sync: JournalSync;
  readonly head: Head;
  readonly logger: Logger;
  readonly onExemplar: (exemplar: StoredExemplar) => void;
  readonly onDamage: DamageSink;
  /** A journal cannot be written any more. */
  readonly onFailure: () => void;
}

/** Lost records that the log names. */
const RECORDS_NAMED_MAX = 20;

export class HeadJournals {
  readonly #dir: string;
  readonly #options: HeadJournalsOptions;
  readonly #journals = new Map<number, Journal>();

  constructor(options: HeadJournalsOptions) {
    this.#dir = options.dir;
    this.#options = options;
    mkdirSync(this.#dir, { recursive: true });
  }

  /** The journal of the generation that takes samples. */
  get current(): Journal {
    const { head } = this.#options;
    const journal = this.#journals.get(head.open.id) ?? this.#open(head.open.id);
    if (!journal.isBroken) return journal;
    // What could not be written down stays in memory until it is sealed; what comes is written from the
    // start.
    head.freeze(head.open.id + 1, head.open.openedMs);
    return this.#open(head.open.id);
  }

  get count(): number {
    return this.#journals.size;
  }

  get fileBytes(): number {
    return [...this.#journals.values()].reduce((sum, journal) => sum + journal.fileBytes, 0);
  }

  get pendingBytes(): number {
    return [...this.#journals.values()].reduce((sum, journal) => sum + journal.pendingBytes, 0);
  }

  /**
   * Brings back what was not sealed, one generation a journal. These take nothing more: they are the next to
   * be sealed. A damaged journal is kept beside the others as `….mdb.damaged`, for whoever wants to look at
   * it.
   */
  replay(sealedThrough: number, nowMs: number): void {
    const { head, logger } = this.#options;
    for (const id of this.#ids()) {
      const path = this.#path(id);
      if (id <= sealedThrough) {
        removeEnvironment(path);
        continue;
      }
      if (head.open.id !== id) head.freeze(id, nowMs);
      const startMs = performance.now();
      const restorer = new Restorer(head, this.#options.onExemplar);
      const damage = replayJournal(path, restorer);
      if (damage !== undefined) this.#keepDamaged(path, damage, restorer.samplesLost);
      const { samples } = head.open;
      logger.info(
        { journal: id, samples, tookMs: Math.round(performance.now() - startMs) },
        "replayed a journal",
      );
      if (samples === 0) removeEnvironment(path);
      head.freeze(id + 1, nowMs);
    }
  }

  /** Closes and deletes a sealed generation's journal. */
  async remove(generation: HeadGeneration): Promise<void> {
    const journal = this.#journals.get(generation.id);
    this.#journals.delete(generation.id);
    await journal?.close();
    removeEnvironment(this.#path(generation.id));
  }

  async close(): Promise<void> {
    for (const journal of this.#journals.values()) await journal.close();
  }

  #keepDamaged(path: string, damage: ReplayDamage, samplesUnknown: number): void {
    const { logger, onDamage } = this.#options;
    for (const message of damage.messages) onDamage({ path, part: "journal", message });
    const { recordsLost } = damage;
    const samplesLost = damage.samplesLost + samplesUnknown;
    logger.error(
      { path, recordsLost: recordsLost.slice(0, RECORDS_NAMED_MAX), count: recordsLost.length, samplesLost },
      "a journal is damaged: these records are lost, the others are kept, and so is a copy of the file",
    );
    copyFileSync(path, `${path}.damaged`);
  }

  #open(id: number): Journal {
    const { sync, head, logger, onFailure } = this.#options;
    const facts = {
      labelsOf: (slot: number) => head.registry.labelsOf(slot),
      lastTimeOf: (slot: number) => head.registry.lastTime[slot]!,
    };
    const journal = new Journal({ path: this.#path(id), sync, facts, logger, onFailure });
    this.#journals.set(id, journal);
    return journal;
  }

  #path(id: number): string {
    return join(this.#dir, `${String(id).padStart(8, "0")}.mdb`);
  }

  #ids(): number[] {
    const ids: number[] = [];
    for (const file of readdirSync(this.#dir)) {
      const id = FILE_PATTERN.exec(file)?.[1];
      if (id !== undefined) ids.push(Number(id));
    }
    return ids.sort((a, b) => a - b);
  }
}

/** No slot: there are fewer (HEAD_SLOTS_MAX). */
const UNKNOWN_SLOT = 2 ** 32 - 1;

/** Puts what a journal says back into the head's open generation. */
class Restorer implements RecordHandler {
  readonly #head: Head;
  readonly #onExemplar: (exemplar: StoredExemplar) => void;
  /** The head's slot of each of the journal's. */
  readonly #slots = new Map<number, number>();
  /** Samples of series whose labels were in a damaged record. */
  samplesLost = 0;

  constructor(head: Head, onExemplar: (exemplar: StoredExemplar) => void) {
    this.#head = head;
    this.#onExemplar = onExemplar;
  }

  series: RecordHandler["series"] = (slot, labels, lastTimeMs) => {
    const { registry } = this.#head;
    const own = registry.slotOf(registry.series(labels));
    this.#slots.set(slot, own);
    this.#note(own, lastTimeMs);
  };

  row: RecordHandler["row"] = (group, timeMs, slots, words, startTimes) => {
    const own = slots.map((slot) => this.#slots.get(slot) ?? UNKNOWN_SLOT);
    if (own.includes(UNKNOWN_SLOT)) {
      // Both records that introduced a series are gone: so rare that the row's other series are not picked
      // out.
      this.samplesLost += own.length;
      return;
    }
    for (const slot of own) this.#note(slot, timeMs);
    this.#head.open.place({
      group,
      timeMs,
      count: own.length,
      slots: own,
      words,
      startTimes,
      isKnown: false,
    });
  };

  late: RecordHandler["late"] = (slot, timeMs, low, high, startMs) => {
    const own = this.#own(slot);
    if (own !== undefined) this.#head.open.placeLoose(own, timeMs, low, high, startMs);
  };

  histogram: RecordHandler["histogram"] = (slot, timeMs, bytes, startMs) => {
    const own = this.#own(slot);
    if (own === undefined) return;
    this.#note(own, timeMs);
    this.#head.open.placeHistogram(own, timeMs, bytes, startMs);
  };

  exemplar: RecordHandler["exemplar"] = (slot, { labels, timeMs, low, high }) => {
    const value = new Float64Array(Uint32Array.of(low, high).buffer)[0]!;
    const own = this.#slots.get(slot);
    if (own === undefined) return;
    this.#onExemplar({ series: this.#head.registry.labelsOf(own), labels, value, timeMs });
  };

  /** The head's slot of a sample's series; undefined, and the sample lost, where damage took its labels. */
  #own(slot: number): number | undefined {
    const own = this.#slots.get(slot);
    if (own === undefined) this.samplesLost++;
    return own;
  }

  #note(slot: number, timeMs: number): void {
    const { lastTime } = this.#head.registry;
    if (timeMs > lastTime[slot]!) lastTime[slot] = timeMs;
  }
}
