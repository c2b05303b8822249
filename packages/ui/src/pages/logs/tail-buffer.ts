/** The lines of a live tail: bounded, and honest about what it could not keep. */
import type { TailFrame } from "@binnacle/api";
import { TAIL_LINES_MAX, TAIL_PAUSED_LINES_MAX } from "../../limits.ts";
import { entriesOf, type LogEntry } from "./entries.ts";

export interface TailSnapshot {
  /** The oldest first. */
  readonly entries: readonly LogEntry[];
  readonly isPaused: boolean;
  /** Lines that wait for the pause to end. */
  readonly waiting: number;
  /** Lines that the server dropped, since this page did not read fast enough. */
  readonly droppedByServer: number;
  /** Lines that came during a pause and had to leave before it ended. */
  readonly lostInPause: number;
  /** Lines seen since the tail began. */
  readonly received: number;
}

const EMPTY: TailSnapshot = {
  entries: [],
  isPaused: false,
  waiting: 0,
  droppedByServer: 0,
  lostInPause: 0,
  received: 0,
};

export class TailBuffer {
  readonly #linesMax: number;
  readonly #pausedLinesMax: number;
  #entries: LogEntry[] = [];
  #waiting: LogEntry[] = [];
  #isPaused = false;
  #droppedByServer = 0;
  #lostInPause = 0;
  #received = 0;
  #frames = 0;
  #isChanged = false;
  #snapshot = EMPTY;

  /**
   * `linesMax`: lines kept, by default TAIL_LINES_MAX; `pausedLinesMax`: lines held in a pause,
   * TAIL_PAUSED_LINES_MAX.
   */
  constructor(options: { linesMax?: number; pausedLinesMax?: number } = {}) {
    this.#linesMax = options.linesMax ?? TAIL_LINES_MAX;
    this.#pausedLinesMax = options.pausedLinesMax ?? TAIL_PAUSED_LINES_MAX;
  }

  push(frame: TailFrame): void {
    // The same line may come again in another frame, and the list needs distinct ids all the same.
    const fresh = entriesOf(frame.streams, "forward", `${this.#frames++} `);
    this.#received += fresh.length;
    this.#droppedByServer += frame.dropped_entries?.length ?? 0;
    if (this.#isPaused) {
      const all = [...this.#waiting, ...fresh];
      const excess = Math.max(0, all.length - this.#pausedLinesMax);
      this.#lostInPause += excess;
      this.#waiting = all.slice(excess);
    } else {
      this.#keep(fresh);
    }
    this.#isChanged = true;
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!isPaused) {
      this.#keep(this.#waiting);
      this.#waiting = [];
    }
    this.#isChanged = true;
  }

  clear(): void {
    this.#entries = [];
    this.#waiting = [];
    this.#isChanged = true;
  }

  /** The same object until something changes. */
  get snapshot(): TailSnapshot {
    if (this.#isChanged) {
      this.#isChanged = false;
      this.#snapshot = {
        entries: this.#entries.slice(-this.#linesMax),
        isPaused: this.#isPaused,
        waiting: this.#waiting.length,
        droppedByServer: this.#droppedByServer,
        lostInPause: this.#lostInPause,
        received: this.#received,
      };
    }
    return this.#snapshot;
  }

  /**
   * Frames come far more often than snapshots are taken, so the oldest lines leave by the thousand, not one
   * by one.
   */
  #keep(fresh: readonly LogEntry[]): void {
    for (const entry of fresh) this.#entries.push(entry);
    if (this.#entries.length > 2 * this.#linesMax) this.#entries = this.#entries.slice(-this.#linesMax);
  }
}
