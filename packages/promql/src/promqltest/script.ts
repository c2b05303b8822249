/** The commands of a test script, and how a script is taken apart into blocks. */
import type { Labels } from "@binnacle/model";
import type { SampleValue } from "./memory-source.ts";

/** The value of one interval: undefined for none. */
export type SequenceValue = SampleValue | undefined;

export interface SeriesLine {
  readonly labels: Labels;
  readonly values: readonly SequenceValue[];
  /** Start timestamps relative to each sample's time, in ms; undefined for none. */
  readonly starts: readonly (number | undefined)[] | undefined;
}

export interface LoadCommand {
  readonly kind: "load";
  readonly line: number;
  readonly intervalMs: number;
  readonly withCustomBuckets: boolean;
  readonly series: readonly SeriesLine[];
}

export interface TextExpectation {
  readonly how: "any" | "msg" | "regex";
  readonly text: string;
}

export interface Expectations {
  fail: TextExpectation | undefined;
  warn: TextExpectation[];
  info: TextExpectation[];
  noWarn: boolean;
  noInfo: boolean;
  ordered: boolean;
  text: string | undefined;
  scalar: number | undefined;
  /** Times of a range vector that an instant query gives. */
  rangeVector: { readonly startMs: number; readonly endMs: number; readonly stepMs: number } | undefined;
  series: SeriesLine[];
}

export interface EvalCommand {
  readonly kind: "eval";
  readonly line: number;
  readonly query: string;
  /** Undefined for an instant query at startMs. */
  readonly stepMs: number | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly expect: Expectations;
}

export type Command = { readonly kind: "clear"; readonly line: number } | LoadCommand | EvalCommand;

export class ScriptError extends Error {
  override readonly name = "ScriptError";
  readonly line: number;

  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.line = line;
  }
}

/** A command's first line and what follows it up to an empty one. */
export interface Block {
  readonly line: number;
  readonly head: string;
  readonly body: readonly { readonly line: number; readonly text: string }[];
}

/** Lines are trimmed; a comment counts as an empty line, and an empty line ends a block. */
export function splitBlocks(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { line: number; head: string; body: { line: number; text: string }[] } | undefined;
  for (const [i, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) {
      open = undefined;
      continue;
    }
    if (open === undefined) {
      open = { line: i + 1, head: line, body: [] };
      blocks.push(open);
    } else open.body.push({ line: i + 1, text: line });
  }
  return blocks;
}
