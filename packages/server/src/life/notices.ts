/**
 * What an operator should know at the moment: raised and withdrawn by the program, shown at
 * /api/v1/notifications and streamed to who listens.
 */
import type { Notification } from "@binnacle/api";
import type { Clock } from "@binnacle/model";

export class Notices {
  readonly #clock: Clock;
  readonly #active = new Map<string, Notification>();
  readonly #listeners = new Set<(notice: Notification) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In the order they were raised. */
  get active(): readonly Notification[] {
    return [...this.#active.values()];
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** A text that is raised already keeps its date. */
  raise(text: string): void {
    if (this.#active.has(text)) return;
    const notice = { text, date: new Date(this.#clock.nowMs()).toISOString(), active: true };
    this.#active.set(text, notice);
    this.#tell(notice);
  }

  withdraw(text: string): void {
    const notice = this.#active.get(text);
    if (notice === undefined) return;
    this.#active.delete(text);
    this.#tell({ ...notice, active: false });
  }

  /** Calls back for each change from now on, until the answer is called. */
  subscribe(listener: (notice: Notification) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(notice: Notification): void {
    for (const listener of this.#listeners) listener(notice);
  }
}
