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
  /** Some lines, ascending numbers, without unpacking the others. */
  read?(lines: Uint32Array): LogLines;
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
