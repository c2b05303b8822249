/** What a query must fulfil beyond its grammar. Throws PARSE_ERROR with the place. */
import type { Matcher, Position } from "@binnacle/model";
import { compileMatcher, Regexp } from "@binnacle/re2";
import { CONTEXT_LINES_MAX } from "../limits.ts";
import {
  isArranging,
  type ContextStage,
  type LabelCondition,
  type LogExpr,
  type MetricExpr,
  type PipelineExpr,
  type RangeAggregationExpr,
  type RangeOp,
  type Stage,
  type VectorAggregationExpr,
} from "./ast.ts";
import { parseErrorAt } from "./parse-error.ts";

/** Range aggregations of lines as such; with an unwrap only `rate` and `absent_over_time` go too. */
const LINE_OPS: ReadonlySet<RangeOp> = new Set([
  "rate",
  "count_over_time",
  "bytes_rate",
  "bytes_over_time",
  "absent_over_time",
]);
const LINE_OR_UNWRAPPED_OPS: ReadonlySet<RangeOp> = new Set(["rate", "absent_over_time"]);
const GROUPED_OPS: ReadonlySet<RangeOp> = new Set([
  "avg_over_time",
  "min_over_time",
  "max_over_time",
  "first_over_time",
  "last_over_time",
  "stdvar_over_time",
  "stddev_over_time",
  "quantile_over_time",
]);

export function validate(expr: LogExpr): void {
  if (expr.kind === "pipeline") {
    const unwrap = expr.stages.find((stage) => stage.kind === "unwrap");
    if (unwrap !== undefined)
      throw parseErrorAt(unwrap.position, "unwrap may stand only in a range aggregation");
    validatePipeline(expr);
    validateArranging(expr.stages);
    return;
  }
  validateMetric(expr);
}

/** They work on the lines of the answer, so that nothing that works line by line may follow them. */
function validateArranging(stages: readonly Stage[]): void {
  const first = stages.findIndex(isArranging);
  if (first < 0) return;
  const last = stages.slice(first);
  for (const stage of last) {
    if (!isArranging(stage)) {
      throw parseErrorAt(stage.position, `only distinct and sort may follow ${last[0]!.kind}`);
    }
    if (stage.kind === "context") validateContext(stage, last.length);
  }
}

function validateContext({ position, before, after }: ContextStage, stages: number): void {
  if (stages > 1) throw parseErrorAt(position, "context goes with neither distinct nor sort");
  for (const count of [before, after]) {
    if (Number.isInteger(count) && count <= CONTEXT_LINES_MAX) continue;
    throw parseErrorAt(
      position,
      `context takes whole numbers up to ${CONTEXT_LINES_MAX} (CONTEXT_LINES_MAX)`,
    );
  }
}

function validateMetric(expr: MetricExpr): void {
  switch (expr.kind) {
    case "range_aggregation":
      validateRangeAggregation(expr);
      break;
    case "vector_aggregation":
      validateVectorAggregation(expr);
      break;
    case "binary":
      validateMetric(expr.left);
      validateMetric(expr.right);
      validateBinary(expr);
      break;
    case "label_replace":
      checkPattern(expr.position, expr.pattern);
      validateMetric(expr.expr);
      break;
    default:
      break;
  }
}

function validateBinary(expr: MetricExpr & { kind: "binary" }): void {
  const { op, position, matching } = expr;
  const isSetOp = op === "or" || op === "and" || op === "unless";
  const isComparison = ["==", "!=", "<=", "<", ">=", ">"].includes(op);
  if (isSetOp) {
    for (const side of [expr.left, expr.right]) {
      if (side.kind === "number") {
        throw parseErrorAt(
          side.position,
          `unexpected literal for a side of logical/set binary operation (${op})`,
        );
      }
    }
    if (matching?.group !== undefined) {
      throw parseErrorAt(position, `no grouping allowed for the set operation (${op})`);
    }
  }
  if (expr.returnsBool && !isComparison) {
    throw parseErrorAt(position, `bool may stand only with comparisons, not with ${op}`);
  }
  const both = matching?.include.find((label) => matching.isOn && matching.labels.includes(label));
  if (both !== undefined) {
    throw parseErrorAt(position, `label "${both}" must not occur in ON and GROUP clause at once`);
  }
}

function validateVectorAggregation(expr: VectorAggregationExpr): void {
  const { op, parameter, grouping, position } = expr;
  const takesParameter = op === "topk" || op === "bottomk" || op === "approx_topk";
  if (takesParameter && parameter === undefined) {
    throw parseErrorAt(position, `parameter required for operation ${op}`);
  }
  if (!takesParameter && parameter !== undefined) {
    throw parseErrorAt(position, `unsupported parameter for operation ${op}(${parameter},`);
  }
  if (takesParameter && !(Number.isInteger(parameter) && parameter! > 0)) {
    throw parseErrorAt(position, `invalid parameter (must be greater than 0) ${op}(${parameter}`);
  }
  const isUngrouped = op === "sort" || op === "sort_desc" || op === "approx_topk";
  if (isUngrouped && grouping !== undefined)
    throw parseErrorAt(position, `grouping not allowed for ${op} aggregation`);
  validateMetric(expr.expr);
}

function validateRangeAggregation(expr: RangeAggregationExpr): void {
  const { op, parameter, grouping, position, pipeline } = expr;
  const { stages } = pipeline;
  const unwrapAt = stages.findIndex((stage) => stage.kind === "unwrap");
  const unwraps = unwrapAt >= 0;
  if (op === "quantile_over_time" && parameter === undefined) {
    throw parseErrorAt(position, `parameter required for operation ${op}`);
  }
  if (op !== "quantile_over_time" && parameter !== undefined) {
    throw parseErrorAt(position, `parameter ${parameter} not supported for operation ${op}`);
  }
  if (grouping !== undefined && !GROUPED_OPS.has(op)) {
    throw parseErrorAt(position, `grouping not allowed for ${op} aggregation`);
  }
  if (unwraps && LINE_OPS.has(op) && !LINE_OR_UNWRAPPED_OPS.has(op)) {
    throw parseErrorAt(position, `invalid aggregation ${op} with unwrap`);
  }
  if (!unwraps && !LINE_OPS.has(op)) throw parseErrorAt(position, `invalid aggregation ${op} without unwrap`);
  if (!(expr.rangeMs > 0)) throw parseErrorAt(position, "the range must be longer than 0");
  const arranging = stages.find(isArranging);
  if (arranging !== undefined) {
    throw parseErrorAt(arranging.position, `${arranging.kind} may stand only in a log query`);
  }
  for (const stage of unwraps ? stages.slice(unwrapAt + 1) : []) {
    if (stage.kind !== "label_filter") {
      throw parseErrorAt(stage.position, "syntax error: only label filters may follow an unwrap");
    }
  }
  validatePipeline(pipeline);
}

function validatePipeline({ matchers, searchesAll, stages, position }: PipelineExpr): void {
  for (const matcher of matchers) checkMatcher(position, matcher);
  const isSelective = matchers.some((matcher) => !compileMatcher(matcher).matchesEmpty);
  if (!isSelective && searchesAll !== true) {
    throw parseErrorAt(
      position,
      'queries require at least one regexp or equality matcher that does not have an empty-compatible value: app=~".*" has one, app=~".+" has none',
    );
  }
  for (const stage of stages) validateStage(stage);
}

function validateStage(stage: Stage): void {
  switch (stage.kind) {
    case "line_filter": {
      for (const { kind, text } of stage.values) {
        if (kind === "ip" && stage.op !== "|=" && stage.op !== "!=") {
          throw parseErrorAt(stage.position, `ip: ${stage.op} is not supported, only |= and !=`);
        }
        if (kind === "text" && (stage.op === "|~" || stage.op === "!~")) checkPattern(stage.position, text);
      }
      break;
    }
    case "regexp": {
      const re = checkPattern(stage.position, stage.pattern);
      const names = re.groupNames.filter((name) => name !== undefined);
      if (names.length === 0)
        throw parseErrorAt(stage.position, "at least one named capture must be supplied");
      if (new Set(names).size < names.length) {
        throw parseErrorAt(stage.position, "a named capture of the regexp stands twice");
      }
      break;
    }
    case "label_filter":
      validateCondition(stage.condition);
      break;
    case "drop":
    case "keep":
      for (const { matcher } of stage.items) if (matcher !== undefined) checkMatcher(stage.position, matcher);
      break;
    default:
      break;
  }
}

function validateCondition(condition: LabelCondition): void {
  if (condition.kind !== "compare") {
    validateCondition(condition.left);
    validateCondition(condition.right);
    return;
  }
  const { op, value, position } = condition;
  if ((op === "=~" || op === "!~") && value.kind === "string") checkPattern(position, value.text);
}

function checkMatcher(position: Position, matcher: Matcher): void {
  if (matcher.op === "=~" || matcher.op === "!~") checkPattern(position, matcher.value);
}

function checkPattern(position: Position, pattern: string): Regexp {
  try {
    return Regexp.compile(pattern);
  } catch (error) {
    throw parseErrorAt(position, error instanceof Error ? error.message : String(error));
  }
}
