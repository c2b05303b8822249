/** Queries and selectors as requests carry them: checked before they reach a worker. */
import { BinnacleError, type Matcher } from "@binnacle/model";
import { parse, walk, type Expr } from "@binnacle/promql/parser";
import { compileMatcher } from "@binnacle/re2";
import { QUERY_LENGTH_MAX } from "../limits.ts";
import { inPrometheusWords } from "./prometheus-words.ts";

/** Throws LIMIT_EXCEEDED. */
export function checkQueryLength(query: string): void {
  if (query.length > QUERY_LENGTH_MAX) {
    throw new BinnacleError(
      "LIMIT_EXCEEDED",
      `the query has ${query.length} characters: the limit is ${QUERY_LENGTH_MAX} (QUERY_LENGTH_MAX)`,
    );
  }
}

/** A query's tree. Throws BAD_PARAMETER with the parameter's name, and LIMIT_EXCEEDED. */
export function readQuery(query: string, features: ReadonlySet<string>): Expr {
  checkQueryLength(query);
  return naming("query", () => parseWhole(query, features));
}

/** The matchers of a series selector. Throws BAD_PARAMETER with the parameter's name. */
export function readSelector(name: string, text: string, features: ReadonlySet<string>): readonly Matcher[] {
  checkQueryLength(text);
  return naming(name, () => {
    const expr = parseWhole(text, features);
    if (expr.kind !== "selector" || expr.offset !== undefined || expr.at !== undefined) {
      throw new BinnacleError("PARSE_ERROR", "expected a series selector");
    }
    return expr.matchers;
  });
}

/** The matchers of all selectors in a tree. */
export function selectorsOf(expr: Expr): readonly (readonly Matcher[])[] {
  const found: (readonly Matcher[])[] = [];
  walk(expr, (node) => {
    if (node.kind === "selector") found.push(node.matchers);
  });
  return found;
}

/** With RE2 behind it: a pattern that RE2 refuses is refused with the query. */
function parseWhole(text: string, features: ReadonlySet<string>): Expr {
  return parse(text, { features, matchesEmpty: (matcher) => compileMatcher(matcher).matchesEmpty });
}

function naming<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    const { message, position } = error;
    throw new BinnacleError("BAD_PARAMETER", `invalid parameter "${name}": ${inPrometheusWords(message)}`, {
      cause: error,
      ...(position === undefined ? {} : { position }),
    });
  }
}
