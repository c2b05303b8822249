/** Label sets: the identity of series and of log streams. */
import { compareText } from "./text-order.ts";

export const METRIC_NAME = "__name__";

/**
 * An immutable label set. Names are unique and ascending as compareText orders them; no value is empty, since
 * an empty value means the same as no label.
 */
export class Labels {
  static readonly EMPTY: Labels = new Labels([]);

  /** name, value, name, value, …: names ascending. Not to be changed. */
  readonly pairs: readonly string[];
  #key: string | undefined;

  private constructor(pairs: readonly string[]) {
    this.pairs = pairs;
  }

  /** From pairs in any order; the last of equal names wins, empty values vanish. */
  static from(entries: Iterable<readonly [string, string]>): Labels {
    const map = new Map<string, string>();
    for (const [name, value] of entries) map.set(name, value);
    const names: string[] = [];
    for (const [name, value] of map) if (value !== "") names.push(name);
    if (names.length === 0) return Labels.EMPTY;
    names.sort(compareText);
    const pairs: string[] = [];
    for (const name of names) pairs.push(name, map.get(name)!);
    return new Labels(pairs);
  }

  static fromObject(object: Readonly<Record<string, string>>): Labels {
    return Labels.from(Object.entries(object));
  }

  /** Takes pairs that already are what `pairs` promises; the array is kept, not copied. */
  static fromSortedPairs(pairs: readonly string[]): Labels {
    return pairs.length === 0 ? Labels.EMPTY : new Labels(pairs);
  }

  get size(): number {
    return this.pairs.length / 2;
  }

  /** The value under a name, "" where there is none. */
  get(name: string): string {
    const { pairs } = this;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return pairs[i + 1]!;
    return "";
  }

  has(name: string): boolean {
    const { pairs } = this;
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] === name) return true;
    return false;
  }

  *entries(): IterableIterator<[string, string]> {
    const { pairs } = this;
    for (let i = 0; i < pairs.length; i += 2) yield [pairs[i]!, pairs[i + 1]!];
  }

  toObject(): Record<string, string> {
    // A label may be called __proto__: the object must have no prototype to pollute.
    const object = Object.create(null) as Record<string, string>;
    for (const [name, value] of this.entries()) object[name] = value;
    return object;
  }

  /** With some labels set; an empty value removes. */
  with(changes: Readonly<Record<string, string>>): Labels {
    return Labels.from([...this.entries(), ...Object.entries(changes)]);
  }

  /** Without the named labels. */
  without(names: ReadonlySet<string>): Labels {
    return this.#filter((name) => !names.has(name));
  }

  /** Only the named labels. */
  only(names: ReadonlySet<string>): Labels {
    return this.#filter((name) => names.has(name));
  }

  #filter(keep: (name: string) => boolean): Labels {
    const { pairs } = this;
    const kept: string[] = [];
    for (let i = 0; i < pairs.length; i += 2) if (keep(pairs[i]!)) kept.push(pairs[i]!, pairs[i + 1]!);
    return kept.length === pairs.length ? this : Labels.fromSortedPairs(kept);
  }

  /** A text that is equal for equal label sets and for no others: usable as a Map's key. Computed once. */
  key(): string {
    // 0xff bytes cannot occur in UTF-8, but in JavaScript's strings any unit can: so lengths stand before
    // texts.
    this.#key ??= this.pairs.map((part) => `${part.length}:${part}`).join("");
    return this.#key;
  }

  equals(other: Labels): boolean {
    return this === other || this.key() === other.key();
  }

  /** As PromQL writes it: `{a="x", b="y"}`, the metric name before the braces. */
  toString(): string {
    const name = this.get(METRIC_NAME);
    const isPlainName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
    const parts: string[] = [];
    for (const [label, value] of this.entries()) {
      if (label === METRIC_NAME && isPlainName) continue;
      const plain = /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label);
      parts.push(`${plain ? label : JSON.stringify(label)}=${JSON.stringify(value)}`);
    }
    if (isPlainName && parts.length === 0) return name;
    return `${isPlainName ? name : ""}{${parts.join(", ")}}`;
  }

  toJSON(): Record<string, string> {
    return this.toObject();
  }
}

/** Orders label sets as Prometheus does: pair by pair, name before value, the shorter first. */
export function compareLabels(a: Labels, b: Labels): number {
  const length = Math.min(a.pairs.length, b.pairs.length);
  for (let i = 0; i < length; i++) {
    const x = a.pairs[i]!;
    const y = b.pairs[i]!;
    if (x !== y) return compareText(x, y);
  }
  return a.pairs.length - b.pairs.length;
}
