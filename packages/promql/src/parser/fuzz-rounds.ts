/** One round of the parser's fuzzing: what must hold for any text at all. */
import { BinnacleError } from "@binnacle/model";
import type { Expr } from "./ast.ts";
import { ALL_LANGUAGE_FEATURES } from "./features.ts";
import { parse } from "./parse.ts";
import { print } from "./print.ts";
import { mutate, randomBytes, randomVector, seededRandom } from "./random-query.ts";

const OPTIONS = { features: ALL_LANGUAGE_FEATURES };

/** The tree without what differs between a query and its print. */
export function withoutPlaces(expr: Expr): unknown {
  return JSON.parse(
    JSON.stringify(expr, (key, value: unknown) => {
      if (key === "start" || key === "end" || key === "position") return undefined;
      if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) return `${value}`;
      return value;
    }),
  );
}

/** What is wrong, or undefined; `parsedCount` says how many of the texts were queries. */
export function fuzzParser(
  seed: number,
  rounds: number,
): { readonly wrong: string | undefined; readonly parsedCount: number } {
  const random = seededRandom(seed);
  let parsedCount = 0;
  for (let i = 0; i < rounds; i++) {
    const query = randomVector(random, 4);
    const texts = [query, mutate(random, query), randomBytes(random)];
    for (const text of texts) {
      const outcome = check(text);
      if (typeof outcome === "string") {
        return { wrong: `seed ${seed}, round ${i}: ${outcome}: ${JSON.stringify(text)}`, parsedCount };
      }
      if (outcome) parsedCount++;
    }
  }
  return { wrong: undefined, parsedCount };
}

/** Longest that any text may take to parse, in ms. */
const PARSE_MS_MAX = 50;

/** The shortest of a few times: a machine that does something else makes any one long. */
function parseMs(text: string): number {
  let best = Infinity;
  for (let i = 0; i < 3; i++) {
    const startedMs = performance.now();
    try {
      parse(text, OPTIONS);
    } catch {
      // What it throws is looked at elsewhere.
    }
    best = Math.min(best, performance.now() - startedMs);
  }
  return best;
}

/** Whether a text is a query, or what is wrong with how it was parsed. */
function check(text: string): boolean | string {
  const startedMs = performance.now();
  const outcome = parseOnce(text);
  const isSlow = performance.now() - startedMs > PARSE_MS_MAX && parseMs(text) > PARSE_MS_MAX;
  return isSlow ? `it took more than ${PARSE_MS_MAX} ms` : outcome;
}

function parseOnce(text: string): boolean | string {
  let expr: Expr;
  try {
    expr = parse(text, OPTIONS);
  } catch (error) {
    if (!(error instanceof BinnacleError) || error.code !== "PARSE_ERROR") return `it threw ${String(error)}`;
    if (error.position === undefined) return `an error without a place: ${error.message}`;
    return false;
  }
  const printed = print(expr);
  try {
    const again = parse(printed, OPTIONS);
    if (JSON.stringify(withoutPlaces(again)) === JSON.stringify(withoutPlaces(expr))) return true;
    return `its print reads otherwise: ${printed}`;
  } catch (error) {
    return `its print does not parse: ${printed}: ${String(error)}`;
  }
}
