/**
 * The URL's search part as flat text, name to value. TanStack Router would write JSON into it; here bookmarks
 * and the links in alerts must stay Prometheus's own (`g0.expr=up&g0.tab=0`).
 */
export type FlatSearch = Readonly<Record<string, string>>;

export function parseFlatSearch(search: string): FlatSearch {
  // A parameter may be called __proto__.
  const flat = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(search)) flat[name] = value;
  return flat;
}

export function stringifyFlatSearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === "string" && value !== "") params.set(name, value);
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
