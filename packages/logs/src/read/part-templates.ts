/** The templates of a part, unpacked, and what was found out about them for the newest few literals. */
import type { LinePattern } from "@binnacle/model";
import { NEEDLES_MAX } from "../limits.ts";
import { NEVER, type Needle, type Verdicts } from "../part/needle.ts";
import type { PartIndex } from "../part/part-index.ts";
import { countHoles, RAW } from "../part/template-table.ts";
import type { TextColumn } from "../part/text-column.ts";
import { PatternVerdicts } from "./pattern-verdicts.ts";

export interface PartVerdicts extends Verdicts {
  /** 1 for each block that has a template which may hold the literal. */
  readonly mayHold: Uint8Array;
}

export class PartTemplates {
  readonly texts: TextColumn;
  /** How many variables each has. */
  readonly slots: Uint16Array;
  readonly #index: PartIndex;
  readonly #onGrowth: (bytes: number) => void;
  readonly #verdicts = new Map<string, PartVerdicts>();
  readonly #patterns = new Map<string, PatternVerdicts>();

  /** `onGrowth` is told of bytes that are kept beside the templates later on, or no more. */
  constructor(texts: TextColumn, index: PartIndex, onGrowth: (bytes: number) => void) {
    this.texts = texts;
    this.#index = index;
    this.#onGrowth = onGrowth;
    const { bytes, offsets } = texts;
    this.slots = new Uint16Array(offsets.length - 1);
    for (let template = 0; template < this.slots.length; template++) {
      this.slots[template] = countHoles(bytes.subarray(offsets[template], offsets[template + 1]));
    }
    this.slots[RAW] = 1;
  }

  /** Bytes of the templates alone. */
  get byteLength(): number {
    const { bytes, offsets } = this.texts;
    return bytes.length + offsets.byteLength + this.slots.byteLength;
  }

  /** What templates and blocks say of a literal. */
  judge(needle: Needle): PartVerdicts {
    let verdicts = this.#verdicts.get(needle.key);
    if (verdicts === undefined) {
      const judged = needle.judge(this.texts);
      const mayHold = Uint8Array.from(this.#index.blocks, ({ templates }) =>
        templates.some((template) => judged.of[template] !== NEVER) ? 1 : 0,
      );
      this.#verdicts.set(needle.key, (verdicts = { ...judged, mayHold }));
      this.#onGrowth(bytesOf(verdicts));
      for (const [oldest, left] of this.#verdicts) {
        if (this.#verdicts.size <= NEEDLES_MAX) break;
        this.#verdicts.delete(oldest);
        this.#onGrowth(-bytesOf(left));
      }
    }
    return verdicts;
  }

  /** What templates say of a pattern. */
  patternVerdicts(pattern: LinePattern): PatternVerdicts {
    let verdicts = this.#patterns.get(pattern.key);
    if (verdicts === undefined) {
      verdicts = new PatternVerdicts(pattern, this.texts);
      this.#patterns.set(pattern.key, verdicts);
      this.#onGrowth(this.slots.length);
      for (const oldest of this.#patterns.keys()) {
        if (this.#patterns.size <= NEEDLES_MAX) break;
        this.#patterns.delete(oldest);
        this.#onGrowth(-this.slots.length);
      }
    }
    return verdicts;
  }
}

function bytesOf({ of, places, firstPlace, mayHold }: PartVerdicts): number {
  return of.length + places.byteLength + firstPlace.byteLength + mayHold.length;
}
