/** Keyboard shortcuts of one key ("/") or of two pressed one after the other ("g m"). */

/** A second key later than this starts anew. */
const SEQUENCE_MS_MAX = 1200;

export class KeySequence {
  readonly #known: ReadonlySet<string>;
  readonly #prefixes: ReadonlySet<string>;
  #first = "";
  #firstMs = 0;

  constructor(shortcuts: Iterable<string>) {
    this.#known = new Set(shortcuts);
    this.#prefixes = new Set(
      [...this.#known].filter((keys) => keys.includes(" ")).map((keys) => keys.split(" ")[0]!),
    );
  }

  /** The shortcut that this key completes, if it completes one. */
  press(key: string, nowMs: number): string | undefined {
    const pair =
      this.#first !== "" && nowMs - this.#firstMs <= SEQUENCE_MS_MAX ? `${this.#first} ${key}` : "";
    this.#first = "";
    if (this.#known.has(pair)) return pair;
    if (this.#known.has(key)) return key;
    if (this.#prefixes.has(key)) {
      this.#first = key;
      this.#firstMs = nowMs;
    }
    return undefined;
  }
}
