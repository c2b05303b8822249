/** Scores, orders and cuts names that a search has found, in the worker. */
import { compareText } from "@binnacle/model";
import { scorerOf, type FuzzyOptions } from "./fuzzy.ts";

export interface NameSearch extends FuzzyOptions {
  readonly terms: readonly string[];
  readonly order: "ascending" | "descending" | "score";
  /** Most names to answer with. */
  readonly limit: number;
}

export interface FoundName {
  readonly name: string;
  readonly score: number;
}

export interface NameSearchResult {
  readonly found: readonly FoundName[];
  /** Whether the limit left some out. */
  readonly hasMore: boolean;
}

/** Names come ascending. */
export function searchNames(names: readonly string[], search: NameSearch): NameSearchResult {
  const score = scorerOf(search.terms, search);
  const found: FoundName[] = [];
  for (const name of names) {
    const points = score(name);
    if (points !== undefined) found.push({ name, score: points });
  }
  if (search.order === "descending") found.reverse();
  if (search.order === "score") {
    found.sort((a, b) => b.score - a.score || compareText(a.name, b.name));
  }
  return { found: found.slice(0, search.limit), hasMore: found.length > search.limit };
}
