/**
 * Regular expressions with RE2's syntax and meaning, matched in linear time.
 *
 * Every user's pattern goes through here: never through JavaScript's own RegExp, which can take exponential time.
 */
import { BinnacleError } from "@binnacle/model";
import { RE2JS } from "re2js";

export interface RegexpOptions {
  /** The whole text must match, as matchers and relabelling want it. Default false. */
  readonly anchored?: boolean;
  /** `.` matches a line feed too, as Prometheus's matchers have it. Default false, as in Go. */
  readonly dotAll?: boolean;
}

/** Longest pattern, in characters. Past it: BAD_REGEXP. */
export const PATTERN_LENGTH_MAX = 65_536;

export class Regexp {
  readonly pattern: string;
  /** By group number; 0 is the whole match. Unnamed groups are undefined. */
  readonly groupNames: readonly (string | undefined)[];
  readonly #re: RE2JS;
  readonly #anchored: boolean;

  private constructor(pattern: string, re: RE2JS, anchored: boolean) {
    this.pattern = pattern;
    this.#re = re;
    this.#anchored = anchored;
    const names: (string | undefined)[] = Array.from({ length: re.groupCount() + 1 }, () => undefined);
    for (const [name, index] of Object.entries(re.namedGroups())) names[index] = name;
    this.groupNames = names;
  }

  /** Throws BAD_REGEXP with the pattern and what is wrong with it. */
  static compile(pattern: string, options: RegexpOptions = {}): Regexp {
    if (pattern.length > PATTERN_LENGTH_MAX) {
      throw new BinnacleError(
        "BAD_REGEXP",
        `a regular expression of ${pattern.length} characters is over the limit of ${PATTERN_LENGTH_MAX}`,
      );
    }
    try {
      const re = RE2JS.compile(pattern, options.dotAll === true ? RE2JS.DOTALL : 0);
      return new Regexp(pattern, re, options.anchored === true);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new BinnacleError("BAD_REGEXP", reason, { cause });
    }
  }

  /** Whether the text matches: all of it when anchored, any part of it otherwise. */
  test(text: string): boolean {
    return this.#anchored ? this.#re.matches(text) : this.#re.matcher(text).find();
  }

  /** The groups of the first match (0 is the whole), or undefined. A group that took no part is undefined. */
  exec(text: string): readonly (string | undefined)[] | undefined {
    const matcher = this.#re.matcher(text);
    if (!(this.#anchored ? matcher.matches() : matcher.find())) return undefined;
    return this.groupNames.map((_, i) => matcher.group(i) ?? undefined);
  }

  /** What Go's Regexp.Expand makes of a template (`$1`, `${name}`, `$$`) for the first match; undefined without one. */
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

/**
 * Go's Regexp.Expand. `$name` takes the longest run of letters, digits and `_`; a name that is no group gives the
 * empty text; `$$` is a dollar, and a `$` that begins nothing stays as it is.
 */
function expandTemplate(
  template: string,
  groups: readonly (string | undefined)[],
  names: readonly (string | undefined)[],
): string {
  if (!template.includes("$")) return template;
  let result = "";
  let at = 0;
  while (at < template.length) {
    const dollar = template.indexOf("$", at);
    if (dollar < 0) return result + template.slice(at);
    result += template.slice(at, dollar);
    if (template[dollar + 1] === "$") {
      result += "$";
      at = dollar + 2;
      continue;
    }
    const match = /^(?:\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/u.exec(template.slice(dollar + 1));
    if (match === null) {
      result += "$";
      at = dollar + 1;
      continue;
    }
    const name = (match[1] ?? match[2])!;
    const index = /^\d+$/.test(name) ? Number(name) : names.indexOf(name);
    result += (index >= 0 ? groups[index] : undefined) ?? "";
    at = dollar + 1 + match[0].length;
  }
  return result;
}
