/**
 * The values of an expected series: `1 _ 3`, `2+3x2` for 2 5 8, `4x3` for 4 4 4 4, `_x2` for two that are
 * missing.
 */

const NUMBER = String.raw`(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?[iI]nf|NaN)`;
const EXPANSION = new RegExp(`^(${NUMBER})(?:([+-])(${NUMBER}))?x(\\d+)$`);
const PLAIN = new RegExp(`^${NUMBER}$`);

/** Most values that an expansion may give. */
const VALUES_MAX = 20_000;

export function parseValues(text: string): (number | undefined)[] {
  const values: (number | undefined)[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    values.push(...parseWord(word));
    if (values.length > VALUES_MAX) throw new Error(`more than ${VALUES_MAX} values`);
  }
  if (values.length === 0) throw new Error("no value is expected");
  return values;
}

function parseWord(word: string): (number | undefined)[] {
  if (word === "_") return [undefined];
  const gap = /^_x(\d+)$/.exec(word);
  if (gap !== null) return Array.from({ length: Math.min(Number(gap[1]), VALUES_MAX + 1) }, () => undefined);
  if (PLAIN.test(word)) return [parseNumber(word)];
  const match = EXPANSION.exec(word);
  if (match === null) throw new Error(`${word} is no value`);
  const start = parseNumber(match[1]!);
  const step = match[3] === undefined ? 0 : parseNumber(match[3]) * (match[2] === "-" ? -1 : 1);
  return Array.from({ length: Math.min(Number(match[4]) + 1, VALUES_MAX + 1) }, (_, i) => start + step * i);
}

function parseNumber(text: string): number {
  return /inf/i.test(text) ? (text.startsWith("-") ? -Infinity : Infinity) : Number(text);
}
