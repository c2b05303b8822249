/** Live tail: the pipeline of a log query, applied to lines as they come. */
import { BinnacleError, type Labels, type LineMetadata } from "@binnacle/model";
import { compileMatcher } from "@binnacle/re2";
import { parseLogQL } from "../parser/index.ts";
import { compileLinePredicate, type BytesPredicate } from "./line-filter.ts";
import { Line, type LineOptions } from "./line.ts";
import { compilePipeline } from "./pipeline.ts";

export interface TailQuery {
  selectorMatches(labels: Labels): boolean;
  /**
   * The line as the pipeline leaves it, or undefined when it is filtered out. The stream's labels are to
   * match.
   */
  process(
    labels: Labels,
    timeNs: bigint,
    line: Uint8Array,
    metadata: LineMetadata | undefined,
  ): { readonly labels: Labels; readonly line: Uint8Array } | undefined;
}

/** Throws PARSE_ERROR, BAD_REGEXP or BAD_TEMPLATE, and BAD_PARAMETER for a metric query. */
export function compileTail(query: string, options: LineOptions = { detectsLevel: false }): TailQuery {
  const expr = parseLogQL(query);
  if (expr.kind !== "pipeline") {
    throw new BinnacleError("BAD_PARAMETER", "only a log query can be tailed, not a metric query");
  }
  const predicates = expr.matchers.map(compileMatcher);
  const leading: BytesPredicate[] = [];
  for (const stage of expr.stages) {
    if (stage.kind !== "line_filter") break;
    leading.push(compileLinePredicate(stage));
  }
  const { stages } = compilePipeline(expr);
  const state = new Line(options);
  let stream: Labels | undefined;
  return {
    selectorMatches: (labels) =>
      predicates.every((predicate) => predicate.test(labels.get(predicate.matcher.name))),
    process(labels, timeNs, line, metadata) {
      if (!leading.every((test) => test(line))) return undefined;
      if (stream !== labels) {
        stream = labels;
        state.setStream(labels);
      }
      state.reset(timeNs, line, metadata);
      if (!stages.every((stage) => stage(state))) return undefined;
      return { labels: state.labels.toLabels(), line: state.bytes };
    },
  };
}
