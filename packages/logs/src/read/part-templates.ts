/** The templates of a part, unpacked, and what was found out about them for the newest few literals. */
import { NEEDLES_MAX } from "../limits.ts";
import type { Needle, Verdict } from "../part/needle.ts";
import { countHoles, RAW } from "../part/template-table.ts";
import type { TextColumn } from "../part/text-column.ts";

export class PartTemplates {
  readonly texts: TextColumn;
  /** How many variables each has. */
  readonly slots: Uint16Array;
  readonly #verdicts = new Map<string, Map<number, Verdict>>();

  constructor(texts: TextColumn) {
    this.texts = texts;
    const { bytes, offsets } = texts;
    this.slots = new Uint16Array(offsets.length - 1);
    for (let template = 0; template < this.slots.length; template++) {
      this.slots[template] = countHoles(bytes.subarray(offsets[template], offsets[template + 1]));
    }
    this.slots[RAW] = 1;
  }

  /** The templates that may hold a literal. */
  judge(needle: Needle): ReadonlyMap<number, Verdict> {
    let verdicts = this.#verdicts.get(needle.key);
    if (verdicts === undefined) {
      verdicts = needle.judge(this.texts);
      this.#verdicts.set(needle.key, verdicts);
      for (const oldest of this.#verdicts.keys()) {
        if (this.#verdicts.size <= NEEDLES_MAX) break;
        this.#verdicts.delete(oldest);
      }
    }
    return verdicts;
  }
}
