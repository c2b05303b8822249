/** LogQL as text: the queries that the page derives from the one a person wrote. */
import { matcher } from "../../labels/selector.ts";
import { formatDuration } from "../../time/duration.ts";

/** Labels that hold a line's level, the surest first. */
const LEVEL_LABELS: readonly string[] = ["detected_level", "level", "severity"];

/** Labels that name where lines come from, the most telling first. */
const SOURCE_LABELS: readonly string[] = [
  "service_name",
  "app",
  "job",
  "namespace",
  "container",
  "pod",
  "filename",
  "instance",
  "host",
];

export function isLevelLabel(name: string): boolean {
  return LEVEL_LABELS.includes(name);
}

/** By which label a volume is split, where nobody chose: the level, else what says whose lines they are. */
export function pickVolumeLabel(names: readonly string[]): string {
  return [...LEVEL_LABELS, ...SOURCE_LABELS].find((name) => names.includes(name)) ?? names[0] ?? "";
}

/**
 * A selector of every stream, as far as one label can say it: LogQL wants a matcher that refuses something.
 */
export function everyStream(names: readonly string[]): string | undefined {
  // The job is what the agent gives to each stream, whatever its source.
  const name = ["job", "service_name", ...SOURCE_LABELS].find((label) => names.includes(label)) ?? names[0];
  return name === undefined ? undefined : `{${matcher(name, ".+", "=~")}}`;
}

/** Lines of a log query in each step. A label of "" does not split them. */
export function volumeQuery(logQuery: string, by: string, stepMs: number): string {
  const count = `count_over_time(${logQuery} [${formatDuration(stepMs)}])`;
  return by === "" ? `sum(${count})` : `sum by (${by}) (${count})`;
}

/** What a person typed, as LogQL: words without a selector are looked for in every stream. */
export function toLogQuery(typed: string, everything: string | undefined): string {
  const text = typed.trim();
  if (text === "") return everything ?? "";
  if (text.startsWith("{") || /^[a-z_]+\s*(?:\(|by\b|without\b)/.test(text)) return text;
  const filters = text.startsWith("|") || text.startsWith("!") ? text : `|= ${JSON.stringify(text)}`;
  return `${everything ?? "{}"} ${filters}`;
}

/** Whether a query is of lines, and not a metric computed from them. */
export function isLineQuery(query: string): boolean {
  return query.trimStart().startsWith("{");
}

const STRING = /"(?:[^"\\]|\\.)*"|`[^`]*`/y;

/** Where the stream selector stands in a query, braces included. */
export function selectorSpan(query: string): { start: number; end: number } | undefined {
  const start = query.indexOf("{");
  if (start === -1) return undefined;
  for (let index = start + 1; index < query.length; index++) {
    const char = query[index];
    if (char === "}") return { start, end: index + 1 };
    if (char === '"' || char === "`") {
      STRING.lastIndex = index;
      if (!STRING.test(query)) return undefined;
      index = STRING.lastIndex - 1;
    }
  }
  return undefined;
}

/**
 * The query with a label fixed to a value, in place of what its selector said of that label; a query without
 * a selector gets one. `operator` may be "!=", which adds an exclusion beside what is there.
 */
export function withMatcher(query: string, name: string, value: string, operator: "=" | "!=" = "="): string {
  const span = selectorSpan(query);
  if (span === undefined) return `{${matcher(name, value, operator)}} ${query.trim()}`.trimEnd();
  const inside = query.slice(span.start + 1, span.end - 1);
  const kept = splitMatchers(inside).filter((one) => operator === "!=" || labelOf(one) !== name);
  const added = matcher(name, value, operator);
  const all = kept.includes(added) ? kept : [...kept, added];
  return `${query.slice(0, span.start)}{${all.join(", ")}}${query.slice(span.end)}`;
}

/** Splits at the commas that stand outside strings. */
function splitMatchers(inside: string): string[] {
  const parts: string[] = [];
  let part = "";
  for (let index = 0; index < inside.length; index++) {
    const char = inside[index]!;
    if (char === ",") {
      parts.push(part.trim());
      part = "";
      continue;
    }
    if (char === '"' || char === "`") {
      STRING.lastIndex = index;
      if (STRING.test(inside)) {
        part += inside.slice(index, STRING.lastIndex);
        index = STRING.lastIndex - 1;
        continue;
      }
    }
    part += char;
  }
  parts.push(part.trim());
  return parts.filter((one) => one !== "");
}

function labelOf(matcherText: string): string {
  return /^[^=!~\s]+/.exec(matcherText)?.[0] ?? "";
}

const LINE_FILTER = /\|([=~])\s*("(?:[^"\\]|\\.)*"|`[^`]*`)((?:\s*or\s*(?:"(?:[^"\\]|\\.)*"|`[^`]*`))*)/g;
const QUOTED = /"(?:[^"\\]|\\.)*"|`[^`]*`/g;

export interface Highlight {
  readonly text: string;
  readonly isCaseSensitive: boolean;
}

/**
 * The words that a query's line filters look for. Of regular expressions only the plain ones: what is marked
 * in a line must be what was searched, and never by running a pattern of the user's in the browser.
 */
export function highlightsOf(query: string): readonly Highlight[] {
  const span = selectorSpan(query);
  const pipeline = span === undefined ? query : query.slice(span.end);
  const found: Highlight[] = [];
  for (const [, operator, first, others] of pipeline.matchAll(LINE_FILTER)) {
    for (const [literal] of `${first}${others ?? ""}`.matchAll(QUOTED)) {
      const text = unquote(literal);
      if (text === undefined || text === "") continue;
      if (operator === "=") found.push({ text, isCaseSensitive: true });
      else found.push(...plainWords(text));
    }
  }
  return found;
}

/** `(?i)error|warn` is two words; anything with more syntax than that is none. */
function plainWords(pattern: string): Highlight[] {
  const isCaseSensitive = !pattern.startsWith("(?i)");
  const body = isCaseSensitive ? pattern : pattern.slice(4);
  if (/[\\^$.[\](){}*+?]/.test(body)) return [];
  return body
    .split("|")
    .filter((text) => text !== "")
    .map((text) => ({ text, isCaseSensitive }));
}

function unquote(literal: string): string | undefined {
  if (literal.startsWith("`")) return literal.slice(1, -1);
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
