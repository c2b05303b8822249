/** What is new, gone or changed between the patterns of two ranges of time. */

export interface PatternCount {
  readonly pattern: string;
  readonly before: number;
  readonly after: number;
}

export interface PatternChange extends PatternCount {
  readonly kind: "new" | "vanished" | "changed";
  /** How surprising it is: the log-likelihood ratio of the two rates against one common rate. */
  readonly score: number;
}

/** 99.9 % of equal rates score less. */
const SCORE_MIN = 10.83;

/** The most surprising first. Ranges may differ in length: rates are compared. */
export function diffPatterns(
  counts: readonly PatternCount[],
  lengths: { readonly before: number; readonly after: number },
): PatternChange[] {
  const changes: PatternChange[] = [];
  for (const count of counts) {
    const { before, after } = count;
    const score = logLikelihood(before, after, lengths.before, lengths.after);
    const kind = before === 0 ? "new" : after === 0 ? "vanished" : "changed";
    if (kind !== "changed" || score >= SCORE_MIN) changes.push({ ...count, kind, score });
  }
  return changes.sort((a, b) => b.score - a.score);
}

function logLikelihood(a: number, b: number, lengthA: number, lengthB: number): number {
  const expectedA = ((a + b) * lengthA) / (lengthA + lengthB);
  const expectedB = a + b - expectedA;
  return 2 * (surprise(a, expectedA) + surprise(b, expectedB));
}

function surprise(found: number, expected: number): number {
  return found === 0 || expected === 0 ? 0 : found * Math.log(found / expected);
}
