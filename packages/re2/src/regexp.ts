/**
 * Regular expressions with RE2's syntax and meaning, matched in linear time.
 *
 * Every user's pattern goes through here: never through JavaScript's own RegExp, which can take exponential
 * time. re2js says whether a pattern is valid, and matches whatever plan.ts does not know a faster way for
 * that is as safe.
 */
import { BinnacleError } from "@binnacle/model";
import { RE2JS } from "re2js";
import { requiredLiterals, withoutCaptures } from "./analysis.ts";
import { expandTemplate } from "./expand.ts";
import { PATTERN_LENGTH_MAX } from "./limits.ts";
import { hasSameGroups, isLinear, toRegExp } from "./linear.ts";
import { planTest, type TestPlan } from "./plan.ts";
import { type Node, parsePattern } from "./syntax.ts";

export interface RegexpOptions {
  /** The whole text must match, as matchers and relabelling want it. Default false. */
  readonly anchored?: boolean;
  /** `.` matches a line feed too, as Prometheus's matchers have it. Default false, as in Go. */
  readonly dotAll?: boolean;
}

type Groups = readonly (string | undefined)[];

export class Regexp {
  readonly pattern: string;
  /** By group number; 0 is the whole match. Unnamed groups are undefined. */
  readonly groupNames: Groups;
  readonly #re: RE2JS;
  readonly #anchored: boolean;
  readonly #plan: TestPlan | undefined;
  /** Gives the groups as re2js would, where there is such an expression. */
  readonly #groups: RegExp | undefined;
  readonly #required: Buffer;
  /** Texts that every match holds, as far as they are known: all of them, in no order. */
  readonly requiredLiterals: readonly string[];

  private constructor(pattern: string, re: RE2JS, options: RegexpOptions) {
    this.pattern = pattern;
    this.#re = re;
    this.#anchored = options.anchored === true;
    const names: (string | undefined)[] = Array.from({ length: re.groupCount() + 1 }, () => undefined);
    for (const [name, index] of Object.entries(re.namedGroups())) names[index] = name;
    this.groupNames = names;
    const tree = parsePattern(pattern, { dotAll: options.dotAll === true });
    if (tree !== undefined) {
      this.#plan = planTest(tree, { anchored: this.#anchored });
      this.#groups = groupsRegExp(tree, this.#anchored);
    }
    this.requiredLiterals = tree === undefined ? [] : requiredLiterals(withoutCaptures(tree));
    this.#required = Buffer.from(this.requiredLiteral);
  }

  /** Throws BAD_REGEXP with the pattern and what is wrong with it. */
  static compile(pattern: string, options: RegexpOptions = {}): Regexp {
    if (pattern.length > PATTERN_LENGTH_MAX) {
      throw new BinnacleError(
        "BAD_REGEXP",
        `a regular expression of ${pattern.length} characters is over the limit of ${PATTERN_LENGTH_MAX}`,
      );
    }
    let re: RE2JS;
    try {
      re = RE2JS.compile(pattern, options.dotAll === true ? RE2JS.DOTALL : 0);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      // The engine writes the option before the pattern that it quotes: nobody typed it.
      const isOption = options.dotAll === true && !pattern.startsWith("(?s)");
      throw new BinnacleError("BAD_REGEXP", isOption ? reason.replace("`(?s)", "`") : reason, { cause });
    }
    return new Regexp(pattern, re, options);
  }

  /**
   * The only texts that match, where the pattern is anchored and spells out few; for looking values up in an
   * index.
   */
  get values(): readonly string[] | undefined {
    return this.#plan?.values;
  }

  /** What every text that matches begins with, where the pattern is anchored; "" where nothing is known. */
  get prefix(): string {
    return this.#plan?.prefix ?? "";
  }

  /** What every text that matches contains; "" where nothing is known. */
  get requiredLiteral(): string {
    const known = this.#plan?.required ?? "";
    if (this.#plan?.isContains === true) return known;
    return this.requiredLiterals.reduce((a, b) => (b.length > a.length ? b : a), known);
  }

  /** Whether the text matches: all of it when anchored, any part of it otherwise. */
  test(text: string): boolean {
    const plan = this.#plan;
    if (plan !== undefined && !(plan.isLineOnly && text.includes("\n"))) return plan.test(text);
    return this.#anchored ? this.#re.testExact(text) : this.#re.test(text);
  }

  /**
   * Whether the UTF-8 text bytes[from, to) matches. What every match contains is looked for first, so that
   * most bytes that do not match are never decoded. Bytes that are no UTF-8 count as U+FFFD.
   */
  testBytes(bytes: Uint8Array, from = 0, to = bytes.length): boolean {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from);
    if (this.#required.length > 0) {
      if (!buffer.includes(this.#required)) return false;
      if (this.#plan?.isContains === true) return true;
    }
    return this.test(buffer.toString());
  }

  /** The groups of the first match (0 is the whole), or undefined. A group that took no part is undefined. */
  exec(text: string): Groups | undefined {
    if (this.#groups !== undefined) return this.#groups.exec(text) ?? undefined;
    const matcher = this.#re.matcher(text);
    if (!(this.#anchored ? matcher.matches() : matcher.find())) return undefined;
    return this.groupNames.map((_, i) => matcher.group(i) ?? undefined);
  }

  /**
   * What Go's Regexp.Expand makes of a template (`$1`, `${name}`, `$$`) for the first match; undefined
   * without one.
   */
  expand(text: string, template: string): string | undefined {
    const groups = this.exec(text);
    return groups === undefined ? undefined : expandTemplate(template, groups, this.groupNames);
  }

  /** Go's ReplaceAllString: every match replaced by the expanded template. */
  replaceAll(text: string, template: string): string {
    const matcher = this.#re.matcher(text);
    let result = "";
    let end = 0;
    while (matcher.find()) {
      const groups = this.groupNames.map((_, i) => matcher.group(i) ?? undefined);
      result += text.slice(end, matcher.start()) + expandTemplate(template, groups, this.groupNames);
      end = matcher.end();
    }
    return result + text.slice(end);
  }
}

function groupsRegExp(tree: Node, anchored: boolean): RegExp | undefined {
  const anchors = { start: anchored, end: anchored };
  if (!hasSameGroups(tree) || !isLinear(withoutCaptures(tree), anchors)) return undefined;
  return toRegExp(tree, anchors);
}
