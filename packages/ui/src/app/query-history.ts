/** Past queries, kept in the browser. */
import { HISTORY_MAX } from "../limits.ts";

const KEY = "binnacle.past-queries";

export function pastQueries(): readonly string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function rememberQuery(query: string): void {
  if (query.trim() === "") return;
  try {
    localStorage.setItem(KEY, JSON.stringify(withQuery(pastQueries(), query)));
  } catch {
    // Storage may be full or forbidden; the query runs all the same.
  }
}

/** The newest first, each once, at most HISTORY_MAX. */
export function withQuery(past: readonly string[], query: string): readonly string[] {
  return [query, ...past.filter((one) => one !== query)].slice(0, HISTORY_MAX);
}
