/**
 * What of the store's samples changed when, so that answers that were computed earlier can be used again
 * where nothing did.
 *
 * Nearly all samples are new: they lie within the last minutes. Of those it is enough to know, for any
 * earlier moment, the oldest that came since then; no series need be known, since no answer reaches beyond it
 * and stays right. Late ones are kept by series. Whatever else changes, deletions and expiry, is kept as
 * ranges of time that are about any series.
 *
 * All of it is bounded: past a bound entries are joined, and then say that more changed than did.
 */
import type { TimeRange } from "@binnacle/model";
import type { PlacedRow } from "./head/generation.ts";
import type { HeadJournal } from "./head/head.ts";
import { CHANGES_FRESH_MAX, CHANGES_LATE_SLOTS_MAX, CHANGES_OTHER_MAX, CHANGES_FRESH_MS } from "./limits.ts";

/** A range of time that changed at a moment, or at several, of which it is the last. */
interface Change {
  moment: number;
  startMs: number;
  endMs: number;
}

/** What came late in rows of one group. */
interface LateGroup extends Change {
  readonly slots: Set<number>;
  /** The row before, so that one of the same series costs a comparison. */
  last: Uint32Array;
}

export class ChangeLog {
  #moment = 0;
  readonly #fresh = new LowWater(CHANGES_FRESH_MAX);
  readonly #groups = new Map<string, LateGroup>();
  readonly #slots = new Map<number, Change>();
  #lateSlots = 0;
  readonly #others: Change[] = [];

  get moment(): number {
    return this.#moment;
  }

  /** Samples of the series in `slots` at one time. The array may be used again by the caller. */
  noteRow(group: string, timeMs: number, slots: Uint32Array, nowMs: number): void {
    this.#moment++;
    if (timeMs >= nowMs - CHANGES_FRESH_MS) return this.#fresh.add(this.#moment, timeMs);
    let entry = this.#groups.get(group);
    if (entry === undefined) {
      entry = { moment: 0, startMs: timeMs, endMs: timeMs, slots: new Set(), last: new Uint32Array(0) };
      this.#groups.set(group, entry);
    }
    this.#extend(entry, timeMs);
    if (equal(entry.last, slots)) return;
    const before = entry.slots.size;
    for (const slot of slots) entry.slots.add(slot);
    entry.last = slots.slice();
    this.#grew(entry.slots.size - before);
  }

  /** A sample of one series. */
  noteSample(slot: number, timeMs: number, nowMs: number): void {
    this.#moment++;
    if (timeMs >= nowMs - CHANGES_FRESH_MS) return this.#fresh.add(this.#moment, timeMs);
    const entry = this.#slots.get(slot);
    if (entry !== undefined) return this.#extend(entry, timeMs);
    this.#slots.set(slot, { moment: this.#moment, startMs: timeMs, endMs: timeMs });
    this.#grew(1);
  }

  /** A change of any series at all. */
  noteRange({ startMs, endMs }: TimeRange): void {
    this.#moment++;
    this.#addOther({ moment: this.#moment, startMs, endMs });
  }

  /** Slots are about to name other series: what is known of single ones is said of all. */
  forgetSlots(): void {
    for (const entry of [...this.#groups.values(), ...this.#slots.values()]) this.#addOther(entry);
    this.#groups.clear();
    this.#slots.clear();
    this.#lateSlots = 0;
  }

  /**
   * Where something changed after a moment. `selected` gives the slots that matter; it is called only where
   * single series changed.
   */
  since(moment: number, selected: () => ReadonlySet<number>): readonly TimeRange[] {
    const found: Change[] = this.#others.filter((change) => change.moment > moment);
    const oldest = this.#fresh.since(moment);
    if (oldest !== undefined) found.push({ moment, startMs: oldest, endMs: Infinity });
    let wanted: ReadonlySet<number> | undefined;
    for (const group of this.#groups.values()) {
      if (group.moment <= moment) continue;
      wanted ??= selected();
      if (hasCommon(wanted, group.slots)) found.push(group);
    }
    for (const [slot, change] of this.#slots) {
      if (change.moment <= moment) continue;
      wanted ??= selected();
      if (wanted.has(slot)) found.push(change);
    }
    return found.map(({ startMs, endMs }) => ({ startMs, endMs }));
  }

  #extend(entry: Change, timeMs: number): void {
    entry.moment = this.#moment;
    if (timeMs < entry.startMs) entry.startMs = timeMs;
    if (timeMs > entry.endMs) entry.endMs = timeMs;
  }

  #grew(by: number): void {
    this.#lateSlots += by;
    if (this.#lateSlots > CHANGES_LATE_SLOTS_MAX) this.forgetSlots();
  }

  #addOther({ moment, startMs, endMs }: Change): void {
    const others = this.#others;
    const same = others.find((change) => change.startMs <= startMs && change.endMs >= endMs);
    // A range that holds another and is as new says it as well; retention says nearly the same again and
    // again.
    if (same !== undefined && same.moment >= moment) return;
    for (let i = others.length - 1; i >= 0; i--) {
      const other = others[i]!;
      if (other.startMs >= startMs && other.endMs <= endMs && other.moment <= moment) others.splice(i, 1);
    }
    others.push({ moment, startMs, endMs });
    if (others.length <= CHANGES_OTHER_MAX) return;
    const [a, b] = others.splice(0, 2) as [Change, Change];
    others.push({
      moment: Math.max(a.moment, b.moment),
      startMs: Math.min(a.startMs, b.startMs),
      endMs: Math.max(a.endMs, b.endMs),
    });
  }
}

/** Notes what a journal hears of, before the journal does. One object serves one append after another. */
export class NotingJournal implements HeadJournal {
  readonly #log: ChangeLog;
  #journal: HeadJournal | undefined;
  #nowMs = 0;

  constructor(log: ChangeLog) {
    this.#log = log;
  }

  over(journal: HeadJournal, nowMs: number): this {
    this.#journal = journal;
    this.#nowMs = nowMs;
    return this;
  }

  row(row: PlacedRow): void {
    this.#log.noteRow(row.group, row.timeMs, row.slots.subarray(0, row.count), this.#nowMs);
    this.#journal!.row(row);
  }

  late(slot: number, timeMs: number, low: number, high: number, startMs: number): void {
    this.#log.noteSample(slot, timeMs, this.#nowMs);
    this.#journal!.late(slot, timeMs, low, high, startMs);
  }

  histogram(slot: number, timeMs: number, bytes: Uint8Array, startMs: number): void {
    this.#log.noteSample(slot, timeMs, this.#nowMs);
    this.#journal!.histogram(slot, timeMs, bytes, startMs);
  }
}

/**
 * The smallest value that was added after any moment. What a later, smaller value makes pointless is dropped,
 * so that moments and values both ascend:
 *
 *     added   7  8  5  6  9         kept   5  6  9
 */
export class LowWater {
  readonly #max: number;
  #moments: number[] = [];
  #values: number[] = [];

  /** `max`: entries kept; past it neighbours are joined, which answers with the smaller of both. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Moments must not descend. */
  add(moment: number, value: number): void {
    const moments = this.#moments;
    const values = this.#values;
    while (values.length > 0 && values[values.length - 1]! >= value) {
      values.pop();
      moments.pop();
    }
    moments.push(moment);
    values.push(value);
    if (values.length > this.#max) this.#joinOlder();
  }

  /** Undefined where nothing was added after it. */
  since(moment: number): number | undefined {
    const moments = this.#moments;
    let low = 0;
    let high = moments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (moments[middle]! > moment) high = middle;
      else low = middle + 1;
    }
    return this.#values[low];
  }

  /**
   * Of two neighbours the later moment and the smaller value stay: what is said is never too large. The newer
   * half is left as it is, since who keeps answers asks again soon.
   */
  #joinOlder(): void {
    const joined = this.#moments.length >>> 2;
    const moments: number[] = [];
    const values: number[] = [];
    for (let i = 0; i < 2 * joined; i += 2) {
      moments.push(this.#moments[i + 1]!);
      values.push(this.#values[i]!);
    }
    this.#moments = [...moments, ...this.#moments.slice(2 * joined)];
    this.#values = [...values, ...this.#values.slice(2 * joined)];
  }
}

function equal(a: Uint32Array, b: Uint32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function hasCommon(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  const [few, many] = a.size < b.size ? [a, b] : [b, a];
  for (const slot of few) if (many.has(slot)) return true;
  return false;
}
