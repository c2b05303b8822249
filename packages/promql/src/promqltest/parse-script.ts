/** Script text to commands. */
import { tryParseDuration } from "@binnacle/model";
import { parseNumber, unquote } from "../parser/index.ts";
import {
  ScriptError,
  splitBlocks,
  type Block,
  type Command,
  type EvalCommand,
  type Expectations,
  type LoadCommand,
  type SeriesLine,
  type TextExpectation,
} from "./script.ts";
import { parseStarts, parseValues, splitSeries } from "./series-line.ts";

/** Throws ScriptError with the line. */
export function parseScript(text: string): readonly Command[] {
  return splitBlocks(text).flatMap(parseBlock);
}

function parseBlock(block: Block): Command[] {
  const word = /^\S+/.exec(block.head)![0].toLowerCase();
  if (word.startsWith("clear")) {
    // A clear needs no empty line after it.
    const rest = block.body[0];
    const clear: Command = { kind: "clear", line: block.line };
    if (rest === undefined) return [clear];
    return [clear, ...parseBlock({ line: rest.line, head: rest.text, body: block.body.slice(1) })];
  }
  if (word.startsWith("load")) return [parseLoad(block)];
  if (word.startsWith("eval")) return [parseEval(block)];
  throw new ScriptError(block.line, `unknown command ${word}`);
}

function parseLoad(block: Block): LoadCommand {
  const match = /^(load|load_with_nhcb)\s+(\S+)$/i.exec(block.head);
  if (match === null) throw new ScriptError(block.line, "expected: load <duration>");
  return {
    kind: "load",
    line: block.line,
    intervalMs: duration(match[2]!, block.line),
    withCustomBuckets: match[1]!.toLowerCase() === "load_with_nhcb",
    series: parseSeriesLines(block.body),
  };
}

/** A line of start timestamps stands directly before its series' values. */
function parseSeriesLines(lines: Block["body"]): readonly SeriesLine[] {
  const series: SeriesLine[] = [];
  let pending: { key: string; starts: readonly (number | undefined)[]; line: number } | undefined;
  for (const { line, text } of lines) {
    const { labels, rest } = splitSeries(text, line);
    if (rest.startsWith("@st")) {
      pending = { key: labels.key(), starts: parseStarts(rest.slice(3), line), line };
      continue;
    }
    const values = parseValues(rest, line);
    if (pending !== undefined && (pending.key !== labels.key() || pending.starts.length !== values.length)) {
      throw new ScriptError(pending.line, "start timestamps do not fit the series after them");
    }
    series.push({ labels, values, starts: pending?.starts });
    pending = undefined;
  }
  if (pending !== undefined) throw new ScriptError(pending.line, "start timestamps without a series");
  return series;
}

function parseEval(block: Block): EvalCommand {
  const { line, head } = block;
  const instant = /^eval(_\w+)?\s+instant\s+(?:at\s+(\S+))?\s+(.+)$/i.exec(head);
  const range = /^eval(_\w+)?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/i.exec(head);
  const expect = parseExpectations(block, instant?.[1] ?? range?.[1]);
  if (instant !== null) {
    const timeMs = duration(instant[2] ?? "0", line);
    return {
      kind: "eval",
      line,
      query: instant[3]!,
      stepMs: undefined,
      startMs: timeMs,
      endMs: timeMs,
      expect,
    };
  }
  if (range === null)
    throw new ScriptError(line, "expected: eval instant at <time> <query> or eval range from …");
  const [startMs, endMs, stepMs] = [range[2]!, range[3]!, range[4]!].map((text) => duration(text, line)) as [
    number,
    number,
    number,
  ];
  if (endMs < startMs) throw new ScriptError(line, "a range that ends before it starts");
  return { kind: "eval", line, query: range[5]!, stepMs, startMs, endMs, expect };
}

function parseExpectations(block: Block, legacy: string | undefined): Expectations {
  const expect: Expectations = {
    fail: undefined,
    warn: [],
    info: [],
    noWarn: false,
    noInfo: false,
    ordered: legacy === "_ordered",
    text: undefined,
    scalar: undefined,
    rangeVector: undefined,
    series: [],
  };
  const any: TextExpectation = { how: "any", text: "" };
  if (legacy === "_fail") expect.fail = any;
  if (legacy === "_warn") expect.warn.push(any);
  if (legacy === "_info") expect.info.push(any);
  const results: { line: number; text: string }[] = [];
  for (const entry of block.body) {
    const legacyFail = /^expected_fail_(message|regexp)\s+(.*)$/.exec(entry.text);
    if (legacyFail !== null) {
      expect.fail = { how: legacyFail[1] === "message" ? "msg" : "regex", text: legacyFail[2]! };
    } else if (/^expect(?:\s|$)/.test(entry.text)) parseExpect(entry.text, entry.line, expect);
    else results.push(entry);
  }
  if ((expect.noWarn && expect.warn.length > 0) || (expect.noInfo && expect.info.length > 0)) {
    throw new ScriptError(block.line, "an annotation is both expected and not");
  }
  const scalar = results[0] === undefined ? undefined : parseNumber(results[0].text);
  if (scalar === undefined) expect.series = [...parseSeriesLines(results)];
  else expect.scalar = scalar;
  return expect;
}

function parseExpect(text: string, line: number, expect: Expectations): void {
  const match = /^expect\s+(\S+)\s*(.*)$/.exec(text);
  if (match === null) throw new ScriptError(line, "expect what?");
  const rest = match[2]!.trim();
  switch (match[1]) {
    case "fail":
      if (expect.fail !== undefined) throw new ScriptError(line, "a query can fail once only");
      expect.fail = textExpectation(rest, line);
      return;
    case "warn":
      expect.warn.push(textExpectation(rest, line));
      return;
    case "info":
      expect.info.push(textExpectation(rest, line));
      return;
    case "no_warn":
      expect.noWarn = true;
      return;
    case "no_info":
      expect.noInfo = true;
      return;
    case "ordered":
      expect.ordered = true;
      return;
    case "string":
      expect.text = unquote(rest);
      if (expect.text === undefined) throw new ScriptError(line, `not a quoted string: ${rest}`);
      return;
    case "range": {
      const times = /^vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/.exec(rest);
      if (times === null) throw new ScriptError(line, "expected: expect range vector from … to … step …");
      expect.rangeVector = {
        startMs: duration(times[1]!, line),
        endMs: duration(times[2]!, line),
        stepMs: duration(times[3]!, line),
      };
      return;
    }
    default:
      throw new ScriptError(line, `unknown expectation ${match[1]}`);
  }
}

function textExpectation(text: string, line: number): TextExpectation {
  if (text === "") return { how: "any", text };
  const match = /^(msg|regex):(.*)$/s.exec(text);
  if (match === null) throw new ScriptError(line, `expected msg: or regex:, got ${text}`);
  return { how: match[1] as "msg" | "regex", text: match[2]!.trim() };
}

function duration(text: string, line: number): number {
  const ms = tryParseDuration(text) ?? (/^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : undefined);
  if (ms === undefined) throw new ScriptError(line, `not a duration: ${text}`);
  return ms;
}
