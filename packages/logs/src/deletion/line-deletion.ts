/**
 * What is deleted: the lines that a log query's selector and filters let through, in a range of time, of
 * those that were there when it was asked for. Plain data, so that it goes to other threads as it is.
 */
import { BinnacleError, type Matcher } from "@binnacle/model";
import { compilePipeline } from "../engine/pipeline.ts";
import type { Stage } from "../parser/ast.ts";
import { parseLogQL } from "../parser/index.ts";

export interface LineDeletion {
  readonly matchers: readonly Matcher[];
  /** Parsers and filters; none: all lines of the streams. */
  readonly stages: readonly Stage[];
  /** Unix ns, both ends included. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Newest generation of the head it is about: what arrives later is kept. */
  readonly through: number;
}

/** Stages that leave a line and its stream as they are. */
const FILTERING: ReadonlySet<Stage["kind"]> = new Set<Stage["kind"]>([
  "line_filter",
  "label_filter",
  "json",
  "logfmt",
  "regexp",
  "pattern",
  "unpack",
]);

/**
 * Reads the query of a deletion. Throws PARSE_ERROR, BAD_REGEXP, and BAD_PARAMETER for what filters no lines.
 */
export function parseDeletionQuery(query: string): Pick<LineDeletion, "matchers" | "stages"> {
  const expr = parseLogQL(query);
  if (expr.kind !== "pipeline") {
    throw new BinnacleError("BAD_PARAMETER", "a deletion takes a log query, not a metric query");
  }
  if (expr.searchesAll === true) {
    throw new BinnacleError("BAD_PARAMETER", 'a deletion names its streams: {label="value"} before the text');
  }
  const other = expr.stages.find(({ kind }) => !FILTERING.has(kind));
  if (other !== undefined) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      `a deletion takes filters and parsers only, and ${other.kind} is neither`,
      { position: other.position },
    );
  }
  compilePipeline(expr);
  return { matchers: expr.matchers, stages: expr.stages };
}

/** Throws what parseDeletionQuery throws, and BAD_PARAMETER for a range that ends before it begins. */
export function checkDeletion(query: string, range: { startNs: bigint; endNs: bigint }): void {
  parseDeletionQuery(query);
  const { startNs, endNs } = range;
  if (endNs >= startNs) return;
  const text = `the range ends at ${endNs}, before it begins at ${startNs}`;
  throw new BinnacleError("BAD_PARAMETER", text);
}
