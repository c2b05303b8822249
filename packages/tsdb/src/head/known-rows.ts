/**
 * The slots of rows that come again and again: most senders give the same series in the same order each time,
 * so that a comparison of refs stands for a look-up of each.
 */
import type { SeriesRef } from "@binnacle/model";

interface KnownRow {
  /** Of the row that came last; what it was is only kept once it has come twice. */
  length: number;
  first: SeriesRef;
  last: SeriesRef;
  refs: Uint32Array;
  slots: Uint32Array;
}

const NONE = new Uint32Array(0);

export class KnownRows {
  readonly #byGroup = new Map<string, KnownRow>();

  /**
   * Slots of these series, parallel to them; undefined where they are not known. It is never written to
   * again.
   */
  find(group: string, refs: Uint32Array): Uint32Array | undefined {
    const known = this.#byGroup.get(group);
    return known !== undefined && refs.length > 0 && isSame(known.refs, refs) ? known.slots : undefined;
  }

  /** Notes a row whose series are all there, each once. `slots` is parallel to `refs`, and may be longer. */
  note(group: string, refs: Uint32Array, slots: Uint32Array): void {
    const { length } = refs;
    if (length === 0) return;
    const first = refs[0]!;
    const last = refs[length - 1]!;
    const known = this.#byGroup.get(group);
    if (known === undefined) {
      this.#byGroup.set(group, { length, first, last, refs: NONE, slots: NONE });
      return;
    }
    const isAgain = known.length === length && known.first === first && known.last === last;
    known.length = length;
    known.first = first;
    known.last = last;
    if (!isAgain) return;
    known.refs = refs.slice();
    known.slots = slots.slice(0, length);
  }

  /** Refs may name nothing from here on. */
  clear(): void {
    this.#byGroup.clear();
  }
}

function isSame(a: Uint32Array, b: Uint32Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
