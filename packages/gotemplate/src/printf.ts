/** Reads the format of `printf`: text, and verbs with flags, width, precision and argument indexes. */
import { describe, formatOne, PLAIN, type Spec } from "./format.ts";
import { PRINTF_PRECISION_MAX, PRINTF_WIDTH_MAX } from "./limits.ts";
import type { Value } from "./values.ts";

/** As Sprintf. */
export function printf(format: string, values: readonly Value[]): string {
  return new Printf(format, values).run();
}

class Printf {
  readonly #format: string;
  readonly #values: readonly Value[];
  #at = 0;
  #next = 0;
  #reordered = false;
  #text = "";

  constructor(format: string, values: readonly Value[]) {
    this.#format = format;
    this.#values = values;
  }

  run(): string {
    const format = this.#format;
    for (;;) {
      const percent = format.indexOf("%", this.#at);
      this.#text += format.slice(this.#at, percent < 0 ? undefined : percent);
      if (percent < 0) break;
      this.#at = percent + 1;
      this.#verb();
    }
    if (!this.#reordered && this.#next < this.#values.length) {
      const extra = this.#values.slice(this.#next).map(describe);
      this.#text += `%!(EXTRA ${extra.join(", ")})`;
    }
    return this.#text;
  }

  #verb(): void {
    const format = this.#format;
    const spec = { ...PLAIN };
    this.#flags(spec);
    let goodIndex = this.#argumentIndex();
    spec.width = this.#size(PRINTF_WIDTH_MAX, "WIDTH");
    if (spec.width !== undefined && spec.width < 0) {
      spec.width = -spec.width;
      spec.minus = true;
      spec.zero = false;
    }
    if (format[this.#at] === ".") {
      this.#at++;
      goodIndex = this.#argumentIndex() && goodIndex;
      const start = this.#at;
      const precision = this.#size(PRINTF_PRECISION_MAX, "PREC");
      // A point alone means a precision of 0; one that is refused means none.
      if (this.#at === start) spec.precision = 0;
      else if (precision !== undefined && precision >= 0) spec.precision = precision;
    }
    goodIndex = this.#argumentIndex() && goodIndex;
    const point = format.codePointAt(this.#at);
    if (point === undefined) {
      this.#text += "%!(NOVERB)";
      return;
    }
    spec.verb = String.fromCodePoint(point);
    this.#at += spec.verb.length;
    if (spec.verb === "%") this.#text += "%";
    else if (!goodIndex) this.#text += `%!${spec.verb}(BADINDEX)`;
    else if (this.#next >= this.#values.length) this.#text += `%!${spec.verb}(MISSING)`;
    else this.#text += formatOne(this.#values[this.#next++], spec);
  }

  #flags(spec: Spec): void {
    for (; ; this.#at++) {
      switch (this.#format[this.#at]) {
        case "+":
          spec.plus = true;
          break;
        case "-":
          spec.minus = true;
          spec.zero = false;
          break;
        case "#":
          spec.sharp = true;
          break;
        case " ":
          spec.space = true;
          break;
        case "0":
          spec.zero = !spec.minus;
          break;
        default:
          return;
      }
    }
  }

  /** `[n]` chooses the argument that comes next; false where there is no such argument. */
  #argumentIndex(): boolean {
    const match = /^\[([^\]]*)\]/.exec(this.#format.slice(this.#at, this.#at + 16));
    if (match === null) return true;
    this.#at += match[0].length;
    this.#reordered = true;
    const index = Number(match[1]);
    if (!/^\d+$/.test(match[1]!) || index < 1 || index > this.#values.length) return false;
    this.#next = index - 1;
    return true;
  }

  /** A width or precision: digits, or `*` for an argument. */
  #size(max: number, what: "WIDTH" | "PREC"): number | undefined {
    const format = this.#format;
    if (format[this.#at] === "*") {
      this.#at++;
      const value = this.#values[this.#next++];
      const size = typeof value === "bigint" ? Number(value) : Number.NaN;
      if (Math.abs(size) <= max) return size;
      this.#text += `%!(BAD${what})`;
      return undefined;
    }
    const start = this.#at;
    while (format[this.#at]! >= "0" && format[this.#at]! <= "9") this.#at++;
    if (this.#at === start) return undefined;
    const size = Number(format.slice(start, this.#at));
    if (size <= max) return size;
    this.#text += `%!(BAD${what})`;
    return undefined;
  }
}
