/**
 * `logs(…)`: an instant vector that another language gives. Its argument is no PromQL, so it is cut out
 * before the text is cut into tokens: in its place stands a name of the same length, which keeps all
 * offsets right.
 *
 *     logs(rate({a="b"} |= ")" [5m])) / 2
 *     logs:__________________________ / 2
 */
import { parseError } from "./errors.ts";

export interface ForeignCall {
  readonly query: string;
  /** Where its name begins. */
  readonly start: number;
}

export interface CutText {
  readonly text: string;
  /** By where they begin. */
  readonly calls: ReadonlyMap<number, ForeignCall>;
}

const NO_CALLS: ReadonlyMap<number, ForeignCall> = new Map();
const CALL = /logs\s*\(/y;
const NAME = "logs:";

/** Throws PARSE_ERROR where a call is not closed or says nothing. */
export function cutForeignCalls(query: string): CutText {
  if (!/\blogs\s*\(/.test(query)) return { text: query, calls: NO_CALLS };
  const calls = new Map<number, ForeignCall>();
  let text = "";
  let at = 0;
  while (at < query.length) {
    const end = endOfSkipped(query, at, `"'\``);
    if (end > at) {
      text += query.slice(at, end);
      at = end;
      continue;
    }
    CALL.lastIndex = at;
    const isWordStart = at === 0 || !/[a-zA-Z0-9_:]/.test(query[at - 1]!);
    const match = isWordStart ? CALL.exec(query) : null;
    if (match === null) {
      text += query[at++];
      continue;
    }
    const close = closingParen(query, CALL.lastIndex);
    if (close === undefined) throw parseError(query, query.length, "unclosed left parenthesis of logs(");
    const inner = query.slice(CALL.lastIndex, close).trim();
    if (inner === "") throw parseError(query, at, 'expected a LogQL metric query in call to "logs"');
    calls.set(at, { query: inner, start: at });
    text += NAME.padEnd(close + 1 - at, "_");
    at = close + 1;
  }
  return { text, calls };
}

/**
 * Behind a text in quotes or a comment that begins here; else where it began. LogQL has no texts in single
 * quotes.
 */
function endOfSkipped(query: string, at: number, quotes: string): number {
  const first = query[at]!;
  if (first === "#") {
    const end = query.indexOf("\n", at);
    return end < 0 ? query.length : end;
  }
  if (!quotes.includes(first)) return at;
  for (let i = at + 1; i < query.length; i++) {
    if (query[i] === "\\" && first !== "`") i++;
    else if (query[i] === first) return i + 1;
  }
  return query.length;
}

function closingParen(query: string, from: number): number | undefined {
  let depth = 1;
  for (let at = from; at < query.length;) {
    const end = endOfSkipped(query, at, '"`');
    if (end > at) {
      at = end;
      continue;
    }
    if (query[at] === "(") depth++;
    if (query[at] === ")" && --depth === 0) return at;
    at++;
  }
  return undefined;
}
