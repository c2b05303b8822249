/** What the templates of a part say of a pattern, each found out when it is first asked for. */
import type { LinePattern } from "@binnacle/model";
import { RAW } from "../part/template-table.ts";
import type { TextColumn } from "../part/text-column.ts";

/** It matches none of a template's lines, some of them perhaps, or all. */
export const SURELY_NOT = 1;
export const PERHAPS = 2;
export const SURELY = 3;

/** Combinations of a template and what its variables are made of that are remembered for a pattern. */
const REFINED_MAX = 20_000;

export class PatternVerdicts {
  readonly #pattern: LinePattern;
  readonly #texts: TextColumn;
  /** By template, whatever its variables are; 0 where nobody has asked yet. */
  readonly #known: Uint8Array;
  readonly #refined = new Map<string, number>();

  constructor(pattern: LinePattern, texts: TextColumn) {
    this.#pattern = pattern;
    this.#texts = texts;
    this.#known = new Uint8Array(texts.offsets.length - 1);
    this.#known[RAW] = PERHAPS;
  }

  of(template: number): number {
    const known = this.#known[template]!;
    return known === 0 ? (this.#known[template] = this.#judge(template)) : known;
  }

  /** The same where it is known which bytes each variable has. */
  refined(template: number, masks: Uint32Array): number {
    const known = this.of(template);
    if (known !== PERHAPS || template === RAW) return known;
    const key = `${template} ${masks.join(" ")}`;
    let verdict = this.#refined.get(key);
    if (verdict === undefined) {
      if (this.#refined.size >= REFINED_MAX) this.#refined.clear();
      this.#refined.set(key, (verdict = this.#judge(template, masks)));
    }
    return verdict;
  }

  #judge(template: number, masks?: Uint32Array): number {
    const { bytes, offsets } = this.#texts;
    const from = offsets[template]!;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, offsets[template + 1]! - from).toString();
    const verdict = this.#pattern.judge(text, masks);
    return verdict === "never" ? SURELY_NOT : verdict === "always" ? SURELY : PERHAPS;
  }
}
