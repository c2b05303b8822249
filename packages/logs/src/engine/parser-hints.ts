/**
 * Which labels a metric query needs of what parsers find. `sum(rate({…} | json [5m]))` needs none, so its
 * lines are not even parsed, and none of them can fail; where some are needed, a parser stops once it has
 * them.
 */
import type { Grouping, LabelCondition, RangeAggregationExpr, RangeOp, Stage } from "../parser/ast.ts";

export interface ParserHints {
  /** No label at all is needed. */
  readonly needsNone: boolean;
  /** The labels that are needed; undefined: all. */
  readonly required: ReadonlySet<string> | undefined;
  /** The query asks for the error itself, so that lines that have one are counted, not refused. */
  readonly keepsErrors: boolean;
}

export const NO_HINTS: ParserHints = { needsNone: false, required: undefined, keepsErrors: false };

/** Of these a sum may be made as lines come, so that what it groups by is what they are grouped by. */
const SUMMED_OPS: ReadonlySet<RangeOp> = new Set([
  "bytes_over_time",
  "bytes_rate",
  "sum_over_time",
  "rate",
  "count_over_time",
]);

const EXTRACTED = "_extracted";

/** `outer` is what an enclosing `sum` groups by. */
export function parserHints(expr: RangeAggregationExpr, outer: Grouping | undefined): ParserHints {
  const grouping = expr.grouping ?? (SUMMED_OPS.has(expr.op) ? outer : undefined);
  if (grouping === undefined || grouping.isWithout) return NO_HINTS;
  const names = new Set<string>();
  for (const name of [...grouping.labels, ...expr.pipeline.stages.flatMap(namesOf)]) {
    names.add(name);
    // The name it has before it is known to clash.
    if (name.endsWith(EXTRACTED)) names.add(name.slice(0, -EXTRACTED.length));
  }
  const keepsErrors = names.has("__error__");
  if (names.size === 0) return { needsNone: true, required: undefined, keepsErrors: false };
  return { needsNone: false, required: names, keepsErrors };
}

/** Names that a stage reads, or a few more. */
function namesOf(stage: Stage): readonly string[] {
  switch (stage.kind) {
    case "label_filter":
      return conditionNames(stage.condition);
    case "line_format":
      return fieldNames(stage.template);
    case "label_format":
      return stage.assignments.flatMap((assignment) =>
        assignment.kind === "rename" ? [assignment.source] : fieldNames(assignment.template),
      );
    case "unwrap":
      return [stage.label];
    default:
      return [];
  }
}

function conditionNames(condition: LabelCondition): readonly string[] {
  return condition.kind === "compare"
    ? [condition.name]
    : [...conditionNames(condition.left), ...conditionNames(condition.right)];
}

function fieldNames(template: string): readonly string[] {
  return Array.from(template.matchAll(/\.([a-zA-Z_][a-zA-Z0-9_]*)/g), ([, name]) => name!);
}
