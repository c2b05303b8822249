/**
 * Scores of names against search terms, from 0 (no match) to 1, by Prometheus's own measures, so that a
 * client that sorts or cuts by them sees the same order.
 */

export type FuzzyAlgorithm = "subsequence" | "jarowinkler";

export interface FuzzyOptions {
  readonly algorithm: FuzzyAlgorithm;
  /** 0 to 1: what scores less is no match. */
  readonly threshold: number;
  readonly isCaseSensitive: boolean;
}

/** The score of a name, or undefined where it is no match. */
export type Scorer = (name: string) => number | undefined;

/** A name need satisfy only one of the terms: its best score counts. No terms: everything matches fully. */
export function scorerOf(terms: readonly string[], options: FuzzyOptions): Scorer {
  if (terms.length === 0) return () => 1;
  const fold = (text: string): string => (options.isCaseSensitive ? text : text.toLowerCase());
  const folded = terms.map(fold);
  const score = options.algorithm === "subsequence" ? subsequenceMatch : jaroWinklerMatch;
  return (name) => {
    const text = fold(name);
    let best: number | undefined;
    for (const term of folded) {
      const found = term === "" ? 1 : score(term, text, options.threshold);
      if (found !== undefined && (best === undefined || found > best)) best = found;
    }
    return best;
  };
}

function subsequenceMatch(term: string, text: string, threshold: number): number | undefined {
  if (text.startsWith(term)) return 1;
  const score = subsequenceScore(term, text);
  return score > 0 && score >= threshold ? score : undefined;
}

/** A term inside the text needs no likeness; a threshold of 0 asks for no other than that. */
function jaroWinklerMatch(term: string, text: string, threshold: number): number | undefined {
  if (text.startsWith(term)) return 1;
  if (text.includes(term)) return 0.9;
  if (threshold === 0) return undefined;
  const score = jaroWinkler(term, text);
  return score >= threshold ? score : undefined;
}

/**
 * The characters of the term stand in the text in order. Runs count with the square of their length, so that
 * few long runs beat many short ones; gaps before and between them cost their share of the text, the rest of
 * the text behind the last run half of that.
 *
 *     term  `htreq`   text  `http_requests`
 *                            ^^   ^^^
 *     runs of 2 and 3: 4 + 9; a gap of 3: − 3/13; a rest of 5: − 5/26; all over 25
 */
export function subsequenceScore(term: string, text: string): number {
  if (term === text) return 1;
  const wanted = Array.from(term);
  const given = Array.from(text);
  let best = -1;
  for (let start = 0; start + wanted.length <= given.length; start++) {
    if (given[start] !== wanted[0]) continue;
    const score = scoreFrom(start, wanted, given);
    // What is not found from here is not found from further on.
    if (score === undefined) break;
    if (score > best) best = score;
  }
  return best < 0 ? 0 : best / wanted.length ** 2;
}

function scoreFrom(start: number, wanted: readonly string[], given: readonly string[]): number | undefined {
  let score = 0;
  let behindLastRun = 0;
  let at = start;
  let next = 0;
  while (next < wanted.length) {
    while (at < given.length && given[at] !== wanted[next]) at++;
    const runStart = at;
    while (at < given.length && next < wanted.length && given[at] === wanted[next]) {
      at++;
      next++;
    }
    if (at === runStart) return undefined;
    score += (at - runStart) ** 2 - (runStart - behindLastRun) / given.length;
    behindLastRun = at;
  }
  return score - (given.length - behindLastRun) / given.length / 2;
}

/** The likeness of two texts by Jaro, raised for a common prefix of up to four characters, by Winkler. */
export function jaroWinkler(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  if (left.length === 0 || right.length === 0) return left.length === right.length ? 1 : 0;
  const reach = Math.max(0, Math.floor(Math.max(left.length, right.length) / 2) - 1);
  const isTaken = new Uint8Array(right.length);
  const matched: string[] = [];
  for (const [i, character] of left.entries()) {
    const end = Math.min(right.length, i + reach + 1);
    for (let j = Math.max(0, i - reach); j < end; j++) {
      if (isTaken[j] === 1 || right[j] !== character) continue;
      isTaken[j] = 1;
      matched.push(character);
      break;
    }
  }
  const count = matched.length;
  if (count === 0) return 0;
  const inOrder = right.filter((_, j) => isTaken[j] === 1);
  const swapped = inOrder.filter((character, i) => character !== matched[i]).length / 2;
  const jaro = (count / left.length + count / right.length + (count - swapped) / count) / 3;
  let prefix = 0;
  while (prefix < Math.min(4, left.length, right.length) && left[prefix] === right[prefix]) prefix++;
  return jaro + prefix * 0.1 * (1 - jaro);
}
