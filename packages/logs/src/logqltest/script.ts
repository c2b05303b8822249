/**
 * Reads test scripts of LogQL: blocks apart by empty lines, of which each is a command. A comment begins with
 * `#` outside of quotes. docs/reference/logqltest.md describes the language.
 */
import { Labels } from "@binnacle/model";
import { durationMs } from "../parser/literals.ts";
import { parseValues } from "./series-values.ts";

export class ScriptError extends Error {}

export interface LoadLine {
  readonly labels: Labels;
  /** `{{.i}}` stands for the number of the entry. */
  readonly line: string;
  readonly offsetMs: number;
  readonly everyMs: number;
  readonly count: number;
  /** name, value, … */
  readonly metadata: readonly string[];
}

export interface ExpectedSeries {
  /** Undefined for a bare number. */
  readonly labels: Labels | undefined;
  /** A value a step; undefined where there is to be none. */
  readonly values: readonly (number | undefined)[];
}

export interface ExpectedLine {
  readonly labels: Labels;
  readonly line: string;
  readonly offsetMs: number;
}

export type Expectation =
  | { readonly kind: "empty" }
  | { readonly kind: "fail"; readonly matches: (message: string) => boolean; readonly text: string }
  | { readonly kind: "series"; readonly isOrdered: boolean; readonly series: readonly ExpectedSeries[] }
  | { readonly kind: "lines"; readonly lines: readonly ExpectedLine[] };

export type Evaluation =
  | { readonly kind: "instant"; readonly atMs: number }
  | { readonly kind: "range"; readonly fromMs: number; readonly toMs: number; readonly stepMs: number }
  | {
      readonly kind: "lines";
      readonly fromMs: number;
      readonly toMs: number;
      readonly limit: number;
      readonly direction: "forward" | "backward";
      /** Whether lines are compared stream by stream, rather than in the order of all. */
      readonly isByStream: boolean;
      /** Whether lines are compared as the answer has them, stream after stream. */
      readonly isInAnswersOrder: boolean;
    };

export type Command =
  | { readonly kind: "clear"; readonly line: number }
  | { readonly kind: "load"; readonly line: number; readonly lines: readonly LoadLine[] }
  | {
      readonly kind: "eval";
      readonly line: number;
      readonly evaluation: Evaluation;
      readonly query: string;
      readonly expectation: Expectation;
    };

interface SourceLine {
  readonly number: number;
  readonly text: string;
}

/** Throws ScriptError with the number of the line. */
export function parseScript(text: string): Command[] {
  const commands: Command[] = [];
  let block: SourceLine[] = [];
  const lines = text.split("\n").map((line, i) => ({ number: i + 1, text: stripComment(line).trimEnd() }));
  const isComment = text.split("\n").map((line) => line.trim().startsWith("#"));
  for (const line of [...lines, { number: lines.length + 1, text: "" }]) {
    // A line of comment only is no empty line: it does not end a block.
    if (line.text === "" && isComment[line.number - 1] === true) continue;
    if (line.text.trimStart().startsWith("skip ")) continue;
    if (line.text !== "") {
      const isCommand = !/^\s/.test(line.text);
      if (isCommand && block.length > 0) commands.push(...parseBlock(block.splice(0)));
      block.push(line);
      continue;
    }
    if (block.length > 0) commands.push(...parseBlock(block));
    block = [];
  }
  return commands;
}

function stripComment(line: string): string {
  let quote: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quote !== undefined) {
      if (c === "\\" && quote === '"') i++;
      else if (c === quote) quote = undefined;
    } else if (c === '"' || c === "`") quote = c;
    else if (c === "#") return line.slice(0, i);
  }
  return line;
}

function fail(line: SourceLine, reason: string): ScriptError {
  return new ScriptError(`line ${line.number}: ${reason}: ${line.text.trim()}`);
}

function parseBlock(block: readonly SourceLine[]): Command[] {
  const [head, ...body] = block as [SourceLine, ...SourceLine[]];
  const text = head.text.trim();
  if (text === "clear") return [{ kind: "clear", line: head.number }];
  if (text === "load") return [{ kind: "load", line: head.number, lines: body.map(parseLoad) }];
  const isEval = text.startsWith("eval ");
  if (!isEval) throw fail(head, "neither clear, load, skip nor eval");
  const found = parseEval(head);
  return [
    {
      kind: "eval",
      line: head.number,
      ...found,
      expectation: parseExpectation(body, found.evaluation, head),
    },
  ];
}

const LOAD_LINE = new RegExp(
  [
    String.raw`^\s*(\{.*?\})\s+(?:"(.*)"|\x60(.*)\x60)\s+@\s*([^\s[]+)`,
    // The square brackets belong to the language; a script that leaves them out is understood too.
    String.raw`(?:\s+\[\s*repeat every (\S+) for (\d+)\s*\]|\s+repeat every (\S+) for (\d+))?`,
    String.raw`(?:\s+\[\s*metadata\s+(.*?)\s*\]|\s+metadata\s+(.*))?$`,
  ].join(""),
);

function parseLoad(line: SourceLine): LoadLine {
  const match = LOAD_LINE.exec(line.text.trimEnd());
  if (match === null) throw fail(line, "no entry to load");
  const [, selector, quoted, raw, offset] = match;
  const every = match[5] ?? match[7];
  const count = match[6] ?? match[8];
  const metadata = match[9] ?? match[10];
  return {
    labels: parseLabels(line, selector!),
    line: quoted ?? raw!,
    offsetMs: parseTime(line, offset!),
    everyMs: every === undefined ? 0 : parseTime(line, every),
    count: Number(count ?? 1),
    metadata: metadata === undefined ? [] : parsePairs(line, metadata).flat(),
  };
}

function parseTime(line: SourceLine, text: string): number {
  const ms = durationMs(text.replace(/^-/, ""));
  if (ms === undefined) throw fail(line, `${JSON.stringify(text)} is no duration`);
  return text.startsWith("-") ? -ms : ms;
}

/** Empty values stay: they are not the same as no label. */
function parseLabels(line: SourceLine, text: string): Labels {
  const pairs = parsePairs(line, text.slice(1, -1));
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return Labels.fromSortedPairs(pairs.flat());
}

function parsePairs(line: SourceLine, text: string): [string, string][] {
  const pairs: [string, string][] = [];
  const pattern =
    /\s*,?\s*(?:"([^"]+)"|([a-zA-Z_:][a-zA-Z0-9_:]*))\s*=\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)\s*,?/y;
  while (pattern.lastIndex < text.trimEnd().length) {
    const match = pattern.exec(text);
    if (match === null) throw fail(line, `cannot read the labels ${text}`);
    pairs.push([
      match[1] ?? match[2]!,
      match[4] ?? (JSON.parse(`"${match[3]!.replaceAll("\t", String.raw`\t`)}"`) as string),
    ]);
  }
  return pairs;
}

function parseEval(line: SourceLine): { evaluation: Evaluation; query: string } {
  const instant = /^eval instant at (\S+)\s+(.+)$/.exec(line.text);
  if (instant !== null) {
    return { evaluation: { kind: "instant", atMs: parseTime(line, instant[1]!) }, query: instant[2]! };
  }
  const range = /^eval range from (\S+) to (\S+) step (\S+)\s+(.+)$/.exec(line.text);
  if (range !== null) {
    const [fromMs, toMs, stepMs] = [range[1]!, range[2]!, range[3]!].map((text) => parseTime(line, text));
    return { evaluation: { kind: "range", fromMs: fromMs!, toMs: toMs!, stepMs: stepMs! }, query: range[4]! };
  }
  const select = /^eval select from (\S+) to (\S+) (forward|backward)\s+(.+)$/.exec(line.text);
  if (select !== null) {
    const [fromMs, toMs] = [select[1]!, select[2]!].map((text) => parseTime(line, text));
    const direction = select[3] === "backward" ? "backward" : "forward";
    const asked = { fromMs: fromMs!, toMs: toMs!, limit: 5000, direction } as const;
    return {
      evaluation: { kind: "lines", ...asked, isByStream: true, isInAnswersOrder: false },
      query: select[4]!,
    };
  }
  const lines = /^eval lines from (\S+) to (\S+)(?: limit (\d+))?(?: (forward|backward))?\s+(.+)$/.exec(
    line.text,
  );
  if (lines === null) throw fail(line, "no evaluation that is known");
  const fromMs = parseTime(line, lines[1]!);
  const toMs = parseTime(line, lines[2]!);
  const direction = lines[4] === "backward" ? "backward" : "forward";
  const query = lines[5]!;
  // Sorted lines are in no order of time.
  const isInAnswersOrder = /\|\s*sort\b/.test(query);
  const asked = { fromMs, toMs, limit: Number(lines[3] ?? 1000), direction, isByStream: false } as const;
  return { evaluation: { kind: "lines", ...asked, isInAnswersOrder }, query };
}

function parseExpectation(
  body: readonly SourceLine[],
  evaluation: Evaluation,
  head: SourceLine,
): Expectation {
  let isOrdered = false;
  const series: ExpectedSeries[] = [];
  const lines: ExpectedLine[] = [];
  let only: Expectation | undefined;
  for (const line of body) {
    const text = line.text.trim();
    if (text === "expect ordered") isOrdered = true;
    else if (text === "expect empty") only = { kind: "empty" };
    else if (text.startsWith("expect fail")) only = parseFailure(line, text);
    else if (/^expect (?:no_|values-)/.test(text)) continue;
    else if (evaluation.kind === "lines") lines.push(parseExpectedLine(line));
    else series.push(parseExpectedSeries(line, text));
  }
  const found = series.length > 0 || lines.length > 0;
  if (only !== undefined && found)
    throw fail(head, "an expectation of nothing or of a failure beside others");
  if (only !== undefined) return only;
  if (!found) throw fail(head, "nothing is expected; an empty answer is `expect empty`");
  return evaluation.kind === "lines" ? { kind: "lines", lines } : { kind: "series", isOrdered, series };
}

function parseFailure(line: SourceLine, text: string): Expectation {
  const rest = text
    .slice("expect fail".length)
    .trim()
    .replace(/^\[(.*)\]$/, "$1");
  if (rest === "") return { kind: "fail", matches: () => true, text: "a failure" };
  if (rest.startsWith("msg:")) {
    const wanted = rest.slice("msg:".length).trim();
    return { kind: "fail", matches: (message) => message.includes(wanted), text: wanted };
  }
  if (rest.startsWith("regex:")) {
    const pattern = rest.slice("regex:".length).trim();
    const re = new RegExp(pattern);
    return { kind: "fail", matches: (message) => re.test(message), text: pattern };
  }
  throw fail(line, "a failure is expected by msg: or regex:");
}

function parseExpectedLine(line: SourceLine): ExpectedLine {
  const match = /^\s*(\{.*?\})\s+(?:"(.*)"|`(.*)`)\s+@\s*(\S+)$/.exec(line.text);
  if (match === null) throw fail(line, "no expected line");
  return {
    labels: parseLabels(line, match[1]!),
    line: match[2] ?? match[3]!,
    offsetMs: parseTime(line, match[4]!),
  };
}

function parseExpectedSeries(line: SourceLine, text: string): ExpectedSeries {
  const end = text.startsWith("{") ? closingBrace(text) + 1 : 0;
  try {
    const values = parseValues(text.slice(end).trim());
    return { labels: end === 0 ? undefined : parseLabels(line, text.slice(0, end)), values };
  } catch (error) {
    throw error instanceof ScriptError && error.message.startsWith("line ")
      ? error
      : fail(line, error instanceof Error ? error.message : String(error));
  }
}

/** The end of the label set: braces within quotes do not count. */
function closingBrace(text: string): number {
  let quote: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote !== undefined) {
      if (c === "\\" && quote === '"') i++;
      else if (c === quote) quote = undefined;
    } else if (c === '"' || c === "`") quote = c;
    else if (c === "}") return i;
  }
  return text.length - 1;
}
