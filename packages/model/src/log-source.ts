/**
 * How the LogQL engine reads lines. Like metric-source.ts: first select, which may wait, then read
 * synchronously.
 */
import type { Labels } from "./labels.ts";
import type { LineMetadata } from "./log-sink.ts";
import type { Matcher } from "./matcher.ts";
import type { ListSelection } from "./metric-source.ts";
import type { QueryContext } from "./query-context.ts";

/**
 * What a store may use to skip lines before the engine sees them. The engine still applies its own filters.
 */
export interface LineHint {
  readonly kind: "contains" | "not_contains";
  readonly text: Uint8Array;
}

export interface LogSelection {
  readonly matchers: readonly Matcher[];
  /** Unix ns, start included, end excluded. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly hints: readonly LineHint[];
  /** The order lines are read in: a limited query stops early. */
  readonly direction: "forward" | "backward";
}

/**
 * A run of lines of one stream. Its lines ascend in time whatever the direction: a backward reader gets the
 * newest block first and walks each from its end. Views stay valid until the next block is read; a column may
 * be unpacked only when it is first asked for.
 */
export interface LogBlock {
  readonly labels: Labels;
  readonly timesNs: BigInt64Array;
  /** The lines' bytes, end to end: line i is bytes[offsets[i], offsets[i+1]). */
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  readonly metadata: readonly (LineMetadata | undefined)[] | undefined;
  /** How many lines, where that is known without unpacking their times. */
  readonly lineCount?: number;
  /** The lines' times once more, where the store has them as small numbers: a count needs no others. */
  readonly ticks?: LineTicks | undefined;
  /** Bytes of each line, where the store knows them without putting the lines together. */
  readonly lengths?: Uint32Array | undefined;
  /** Bytes of the lines, roughly, where the store knows it without unpacking them. */
  readonly textBytes?: number;
  /**
   * The lines that hold a literal, which is not empty: exactly those, ascending. Left out, or undefined,
   * where the store knows no better way than to look through `bytes`.
   */
  find?(literal: Uint8Array): Uint32Array | undefined;
  /**
   * Of some lines, ascending numbers, by default all: those that a pattern surely matches, and those that it
   * may match. It matches none of the others. Left out, or undefined, where the store cannot tell.
   */
  sortOut?(pattern: LinePattern, lines?: Uint32Array): SortedOut | undefined;
  /** Some lines, ascending numbers, without unpacking the others. */
  read?(lines: Uint32Array): LogLines;
}

/** A pattern that can be asked of lines of which only a part is known. */
export interface LinePattern {
  /** Names it: the same for the same pattern. */
  readonly key: string;
  /**
   * What it says of all lines of a form: a line with zero characters in the place of words (of ASCII
   * letters, digits and characters from U+0080 on). The masks say what each word is made of: bit 0 digits,
   * bits 1 to 26 letters whatever their case, bit 28 the others; without masks nothing is known of it.
   */
  judge(form: string, masks?: ArrayLike<number>): "never" | "sometimes" | "always";
}

export interface SortedOut {
  readonly certain: Uint32Array;
  readonly open: Uint32Array;
}

/** Times as whole units since a base: time i is baseNs + values[i] · unitNs, Unix ns. They ascend. */
export interface LineTicks {
  readonly baseNs: bigint;
  readonly unitNs: number;
  readonly values: Uint32Array | Float64Array;
}

/** Lines end to end: line i is bytes[offsets[i], offsets[i+1]). */
export interface LogLines {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
}

/** A bound that a reader narrows as it goes: blocks that lie wholly beyond it need not be read. */
export interface LogHorizon {
  /** Unix ns. Backward: earlier lines are of no use any more; forward: later ones. */
  timeNs: bigint | undefined;
}

export interface LogSet extends Disposable {
  /** The streams that match, in the set's own order. */
  readonly streams: readonly Labels[];
  /**
   * Reads blocks of one stream, which follow each other in time in the direction asked for. Equal times keep
   * their order of arrival.
   */
  read(stream: number, context: QueryContext, horizon?: LogHorizon): Iterable<LogBlock>;
}

export interface LogSource {
  select(selection: LogSelection, context: QueryContext): Promise<LogSet>;
  streams(selection: ListSelection, context: QueryContext): Promise<readonly Labels[]>;
  labelNames(selection: ListSelection, context: QueryContext): Promise<readonly string[]>;
  labelValues(name: string, selection: ListSelection, context: QueryContext): Promise<readonly string[]>;
}
