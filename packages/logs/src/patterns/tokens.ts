/**
 * Cuts a line into tokens and says which of them surely vary: numbers, addresses, paths, identifiers. Runs
 * that say one thing become one token, so that two lines that differ only in how a quantity or a list is
 * written have the same shape:
 *
 *     close, 1190 bytes (1.16 KB) sent     close , <_> sent
 *     close, 403 bytes sent                close , <_> sent
 *     names an14 an15 an16                 names <_>
 */

export interface Token {
  /** The text as it stands in the line, or WILDCARD where it surely varies. */
  readonly text: string;
  /** Where it stands: line.slice(start, end). */
  readonly start: number;
  readonly end: number;
}

/** The text of what varies in a pattern, as LogQL's pattern filters write it. */
export const WILDCARD = "<_>";

/** What of a line lies behind this many tokens is one: a line says what it is in its beginning. */
export const TOKENS_MAX = 128;

const PIECES = /(?:\/|[a-z]+:\/\/)[^\s"'()[\]{},;]*|[\p{L}\p{N}_.$@#%~+*\\&:/-]+|[^\s]/gu;
const CALENDAR = /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/;
const HEX = /^(?:0x)?[0-9a-fA-F]{8,}$/;
const NUMBERED_WORD = /^\p{L}{2,}\d$/u;
const UNIT = /^(?:[kKMGTP]?i?[bB]|[bB]ytes?|ns|us|µs|ms|s|secs?|seconds?|mins?|minutes?|hours?|hrs?|days?)$/;
const NUMBER = /^[+-]?\d[\d.,]*$/;

/** Blanks are no tokens. */
export function tokenize(line: string): Token[] {
  const tokens: Token[] = [];
  for (const match of line.matchAll(PIECES)) {
    const start = match.index;
    if (tokens.length === TOKENS_MAX) {
      tokens.push({ text: WILDCARD, start, end: line.length });
      break;
    }
    const [piece] = match;
    // What ends a sentence or a clause is no part of the word before it.
    const tail = piece.length > 1 ? (/[.:,]+$/.exec(piece)?.[0] ?? "") : "";
    const end = start + piece.length;
    const wordEnd = end - tail.length;
    if (wordEnd > start) add(tokens, line, start, wordEnd);
    if (tail !== "") tokens.push({ text: tail, start: wordEnd, end });
  }
  return tokens;
}

function add(tokens: Token[], line: string, start: number, end: number): void {
  const text = line.slice(start, end);
  const last = tokens.at(-1);
  const lastText = last === undefined ? "" : line.slice(last.start, last.end);
  if (last?.text === WILDCARD && UNIT.test(text) && NUMBER.test(lastText)) {
    replaceLast(tokens, tokens.at(-2)?.text === "<" ? 2 : 1, end);
  } else if (text === ")" && isAside(tokens, line)) {
    replaceLast(tokens, last.text === "(" ? 1 : 2, end);
    if (tokens.at(-2)?.text === WILDCARD) replaceLast(tokens, 2, end);
  } else if (!isVariable(text, lastText)) {
    tokens.push({ text, start, end });
  } else if (last?.text === WILDCARD && line.slice(last.end, start).trim() === "") {
    replaceLast(tokens, 1, end);
  } else if (lastText === "," && last.end === start && tokens.at(-2)?.text === WILDCARD) {
    replaceLast(tokens, 2, end);
  } else {
    tokens.push({ text: WILDCARD, start, end });
  }
}

/** Makes one variable of the last tokens and what follows them up to `end`. */
function replaceLast(tokens: Token[], count: number, end: number): void {
  const { start } = tokens.at(-count);
  tokens.splice(-count, count, { text: WILDCARD, start, end });
}

/** Whether a parenthesis that closes here stands apart and holds nothing, or nothing but what varies. */
function isAside(tokens: readonly Token[], line: string): boolean {
  const last = tokens.at(-1);
  const open = last?.text === "(" ? last : last?.text === WILDCARD ? tokens.at(-2) : undefined;
  return open?.text === "(" && line[open.start - 1] === " ";
}

function isVariable(word: string, before: string): boolean {
  if (/\d/.test(word)) return !NUMBERED_WORD.test(word);
  if (before === "user" && /^\p{L}/u.test(word)) return true;
  return CALENDAR.test(word) || HEX.test(word) || /^\/.|^[a-z]+:\/\/|\/.*\//.test(word);
}
