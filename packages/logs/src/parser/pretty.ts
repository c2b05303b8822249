/**
 * Prints a tree over several lines where it is too long for one, as Loki's format_query does: each stage,
 * each argument and each operand on a line of its own, indented by how deep it stands.
 */
import type {
  BinaryExpr,
  LogExpr,
  MetricExpr,
  PipelineExpr,
  RangeAggregationExpr,
  Stage,
  VectorAggregationExpr,
} from "./ast.ts";
import {
  parameterOf,
  printGrouping,
  printMetric,
  printOperator,
  printPipeline,
  printRange,
  printSource,
  printStage,
  quote,
  stagesOf,
} from "./print.ts";

/** Characters of an expression that stands on one line. */
const LINE_LENGTH_MAX = 100;

export function prettyLogQL(expr: LogExpr): string {
  return expr.kind === "pipeline" ? prettyPipeline(expr, 0) : prettyMetric(expr, 0);
}

function indent(level: number, text: string): string {
  return "  ".repeat(level) + text;
}

/** Undefined where it has to be split. */
function onOneLine(text: string, level: number): string | undefined {
  return text.length <= LINE_LENGTH_MAX ? indent(level, text) : undefined;
}

function prettyPipeline(expr: PipelineExpr, level: number): string {
  return onOneLine(printPipeline(expr), level) ?? splitPipeline(expr, stagesOf(expr), level);
}

function splitPipeline(expr: PipelineExpr, stages: readonly Stage[], level: number): string {
  return [
    indent(level, printSource(expr)),
    ...stages.map((stage) => indent(level + 1, printStage(stage))),
  ].join("\n");
}

function prettyMetric(expr: MetricExpr, level: number): string {
  const short = onOneLine(printMetric(expr), level);
  if (short !== undefined) return short;
  switch (expr.kind) {
    case "range_aggregation":
      return prettyRangeAggregation(expr, level);
    case "vector_aggregation":
      return prettyVectorAggregation(expr, level);
    case "label_replace": {
      const texts = [expr.target, expr.replacement, expr.source, expr.pattern].map(quote);
      const rest = texts.map((text) => indent(level + 1, text));
      return prettyCall("label_replace", [prettyMetric(expr.expr, level + 1), ...rest], level);
    }
    case "binary":
      return prettyBinary(expr, level);
    default:
      return indent(level, printMetric(expr));
  }
}

function prettyCall(head: string, args: readonly string[], level: number): string {
  return `${indent(level, head)}(\n${args.join(",\n")}\n${indent(level, ")")}`;
}

function prettyVectorAggregation(expr: VectorAggregationExpr, level: number): string {
  const parameters = parameterOf(expr).map((text) => indent(level + 1, text));
  const head = `${expr.op}${spaced(printGrouping(expr.grouping))}`;
  return prettyCall(head, [...parameters, prettyMetric(expr.expr, level + 1)], level);
}

function prettyRangeAggregation(expr: RangeAggregationExpr, level: number): string {
  const parameters = parameterOf(expr).map((text) => indent(level + 1, text));
  const lines = `${prettyRanged(expr, level + 1)} ${printRange(expr)}`;
  return prettyCall(expr.op, [...parameters, lines], level) + spaced(printGrouping(expr.grouping));
}

/** What follows an unwrap, and it itself, always stand on lines of their own. */
function prettyRanged({ pipeline }: RangeAggregationExpr, level: number): string {
  const unwrapAt = pipeline.stages.findIndex((stage) => stage.kind === "unwrap");
  if (unwrapAt < 0) return prettyPipeline(pipeline, level);
  const before = { ...pipeline, stages: pipeline.stages.slice(0, unwrapAt) };
  const after = pipeline.stages.slice(unwrapAt).map((stage) => indent(level + 1, printStage(stage)));
  return [prettyPipeline(before, level), ...after].join("\n");
}

function prettyBinary(expr: BinaryExpr, level: number): string {
  const operator = indent(level, spaced(printOperator(expr)));
  return `${prettyMetric(expr.left, level + 1)}\n${operator}\n${prettyMetric(expr.right, level + 1)}`;
}

/** Lists of labels have a space behind each comma where an expression is split. */
function spaced(text: string): string {
  return text.replaceAll(",", ", ");
}
