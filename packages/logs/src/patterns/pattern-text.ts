/** The text of a pattern, as `|>` takes it: what all its shapes share, and `<_>` for the rest. */
import type { Shape } from "./shapes.ts";
import { WILDCARD } from "./tokens.ts";

export function patternText(shapes: readonly Shape[]): string {
  const [first, ...others] = shapes as [Shape, ...Shape[]];
  let text = "";
  first.tokens.forEach((token, place) => {
    const gap = first.gaps[place]!;
    const sameGap = others.every(({ gaps }) => gaps[place] === gap);
    const sameToken = others.every(({ tokens }) => tokens[place] === token);
    // Where the blanks differ, the wildcard stands for them too.
    if (sameGap) text += gap;
    const next = sameGap && sameToken ? token : WILDCARD;
    if (!(next === WILDCARD && text.endsWith(WILDCARD))) text += next;
  });
  const tail = first.gaps.at(-1)!;
  return others.every(({ gaps }) => gaps.at(-1) === tail) ? text + tail : text;
}

/**
 * The values that stand in a pattern's wildcards in a line, or undefined for a line that does not have the
 * pattern. Each wildcard takes as little as it can, the last one all that is left.
 */
export function slotValues(pattern: string, line: string): string[] | undefined {
  const literals = pattern.split(WILDCARD);
  const [head, ...rest] = literals as [string, ...string[]];
  if (!line.startsWith(head)) return undefined;
  const values: string[] = [];
  let at = head.length;
  for (const [i, literal] of rest.entries()) {
    const isLast = i === rest.length - 1;
    const end = isLast ? line.length - literal.length : line.indexOf(literal, at);
    if (end < at || !line.startsWith(literal, end)) return undefined;
    values.push(line.slice(at, end));
    at = end + literal.length;
  }
  return at === line.length ? values : undefined;
}
