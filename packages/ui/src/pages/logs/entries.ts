/** Lines as the list shows them: streams laid together in the order of time. */
import type { LogStream } from "@binnacle/api";
import { millisecondsOf, type Direction, type LinesQuestion } from "../../api/logs-api.ts";
import { seriesSelector, type LabelSet } from "../../labels/selector.ts";
import { levelOf, type Level } from "./level.ts";

export interface LogEntry {
  /** Distinct within a list, and the same when more lines come. */
  readonly id: string;
  readonly ns: string;
  readonly ms: number;
  readonly line: string;
  readonly labels: LabelSet;
  readonly level: Level;
}

/** Without the terminal's colours: they are instructions to another medium. */
// oxlint-disable-next-line no-control-regex
const TERMINAL_CODES = /\u001b\[[0-9;]*[A-Za-z]/g;

/**
 * Entries of an answer's streams, in the direction asked for; lines of one time keep their order within a
 * stream.
 */
export function entriesOf(streams: readonly LogStream[], direction: Direction, idPrefix = ""): LogEntry[] {
  const entries: LogEntry[] = [];
  // The same time and line may stand in a stream twice; ids count them.
  const seen = new Map<string, number>();
  for (const { stream, values } of streams) {
    const key = seriesSelector(stream);
    for (const [ns, line, more] of values) {
      const base = `${idPrefix}${ns} ${key} ${line}`;
      const count = seen.get(base) ?? 0;
      seen.set(base, count + 1);
      const labels = more === undefined ? stream : { ...stream, ...more.structuredMetadata, ...more.parsed };
      const text = line.replace(TERMINAL_CODES, "");
      entries.push({
        id: `${base} ${count}`,
        ns,
        ms: millisecondsOf(ns),
        line: text,
        labels,
        level: levelOf(labels, text),
      });
    }
  }
  const sign = direction === "backward" ? -1 : 1;
  return entries.sort((a, b) => sign * compareNs(a.ns, b.ns));
}

/** Nanoseconds pass what a double holds exactly, so they are compared as text. */
export function compareNs(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : Number(a > b);
}

/**
 * Puts the lines of later pages behind those of earlier ones. Pages overlap by the one time at which they
 * meet.
 */
export function joinPages(pages: readonly (readonly LogEntry[])[]): LogEntry[] {
  const joined: LogEntry[] = [];
  const seen = new Set<string>();
  for (const page of pages) {
    for (const entry of page) {
      if (seen.has(entry.id)) continue;
      seen.add(entry.id);
      joined.push(entry);
    }
  }
  return joined;
}

/**
 * What to ask for the page after one; undefined where there is none. The time at which a page ends is asked
 * again, since lines of the same time may not have fitted.
 */
export function nextPage(question: LinesQuestion, page: readonly LogEntry[]): LinesQuestion | undefined {
  const last = page.at(-1);
  const first = page[0];
  if (last === undefined || first === undefined || page.length < question.limit) return undefined;
  // A page of one single time would be asked for again for ever.
  if (first.ns === last.ns) return undefined;
  return question.direction === "backward"
    ? { ...question, endNs: String(BigInt(last.ns) + 1n) }
    : { ...question, startNs: last.ns };
}
