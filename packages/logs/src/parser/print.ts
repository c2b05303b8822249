/** Prints a tree as LogQL on one line, so that parsing it gives the same tree. */
import { formatDuration, unreachable } from "@binnacle/model";
import type {
  BinaryExpr,
  BinaryOp,
  Extraction,
  Grouping,
  LabelCondition,
  LogExpr,
  MetricExpr,
  PipelineExpr,
  RangeAggregationExpr,
  Stage,
} from "./ast.ts";

export function printLogQL(expr: LogExpr): string {
  return expr.kind === "pipeline" ? printPipeline(expr) : printMetric(expr);
}

function printPipeline({ matchers, searchesAll, stages }: PipelineExpr): string {
  const [first, ...others] = stages;
  if (searchesAll === true && first?.kind === "line_filter") {
    return [quote(first.values[0]!.text), ...others.map(printStage)].join(" ");
  }
  const selector = matchers.map(({ name, op, value }) => `${name}${op}${quote(value)}`).join(", ");
  return [`{${selector}}`, ...stages.map(printStage)].join(" ");
}

function printStage(stage: Stage): string {
  switch (stage.kind) {
    case "line_filter": {
      const values = stage.values.map(({ kind, text }) =>
        kind === "ip" ? `ip(${quote(text)})` : quote(text),
      );
      return `${stage.op} ${values.join(" or ")}`;
    }
    case "json":
      return words("| json", printExtractions(stage.extractions));
    case "logfmt":
      return words(
        "| logfmt",
        stage.isStrict ? "--strict" : "",
        stage.keepsEmpty ? "--keep-empty" : "",
        printExtractions(stage.extractions),
      );
    case "regexp":
    case "pattern":
      return `| ${stage.kind} ${quote(stage.pattern)}`;
    case "line_format":
      return `| line_format ${quote(stage.template)}`;
    case "label_format": {
      const assignments = stage.assignments.map((assignment) =>
        assignment.kind === "rename"
          ? `${assignment.name}=${assignment.source}`
          : `${assignment.name}=${quote(assignment.template)}`,
      );
      return `| label_format ${assignments.join(", ")}`;
    }
    case "label_filter":
      return `| ${printCondition(stage.condition, "or")}`;
    case "drop":
    case "keep": {
      const items = stage.items.map(({ name, matcher }) =>
        matcher === undefined ? name : `${name}${matcher.op}${quote(matcher.value)}`,
      );
      return `| ${stage.kind} ${items.join(", ")}`;
    }
    case "unwrap": {
      const { label, conversion } = stage;
      return `| unwrap ${conversion === undefined ? label : `${conversion}(${label})`}`;
    }
    default:
      return `| ${stage.kind}`;
  }
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}

function printExtractions(extractions: readonly Extraction[]): string {
  return extractions.map(({ name, path }) => (name === path ? name : `${name}=${quote(path)}`)).join(", ");
}

function printCondition(condition: LabelCondition, within: "and" | "or"): string {
  if (condition.kind === "compare") {
    const { name, op, value } = condition;
    const text =
      value.kind === "string"
        ? quote(value.text)
        : value.kind === "ip"
          ? `ip(${quote(value.text)})`
          : value.text;
    return `${name}${op}${text}`;
  }
  const left = printCondition(condition.left, condition.kind);
  // The right side is grouped to the left when it is parsed, so a chain there needs its parentheses.
  const right = printCondition(condition.right, condition.kind);
  const rightText = condition.right.kind === "compare" ? right : parenthesise(right);
  const text = `${left} ${condition.kind} ${rightText}`;
  return condition.kind === "or" && within === "and" ? `(${text})` : text;
}

function parenthesise(text: string): string {
  return text.startsWith("(") && text.endsWith(")") && closesAtEnd(text) ? text : `(${text})`;
}

function closesAtEnd(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")") depth--;
    if (depth === 0 && i < text.length - 1) return false;
  }
  return true;
}

function printMetric(expr: MetricExpr): string {
  switch (expr.kind) {
    case "number":
      return String(expr.value);
    case "vector":
      return `vector(${expr.value})`;
    case "range_aggregation":
      return printRangeAggregation(expr);
    case "vector_aggregation": {
      const grouping = expr.grouping === undefined ? "" : ` ${printGrouping(expr.grouping)} `;
      const parameter = expr.parameter === undefined ? "" : `${expr.parameter}, `;
      return `${expr.op}${grouping}(${parameter}${printMetric(expr.expr)})`;
    }
    case "label_replace": {
      const texts = [expr.target, expr.replacement, expr.source, expr.pattern].map(quote);
      return `label_replace(${printMetric(expr.expr)}, ${texts.join(", ")})`;
    }
    case "binary":
      return printBinary(expr);
    default:
      return unreachable(expr);
  }
}

function printRangeAggregation(expr: RangeAggregationExpr): string {
  const parameter = expr.parameter === undefined ? "" : `${expr.parameter}, `;
  const offset = expr.offsetMs === 0 ? "" : ` offset ${printDuration(expr.offsetMs)}`;
  const grouping = expr.grouping === undefined ? "" : ` ${printGrouping(expr.grouping)}`;
  const range = `${printPipeline(expr.pipeline)} [${printDuration(expr.rangeMs)}]${offset}`;
  return `${expr.op}(${parameter}${range})${grouping}`;
}

function printDuration(ms: number): string {
  return Number.isInteger(ms) ? formatDuration(ms) : `${Math.round(ms * 1e6)}ns`;
}

function printGrouping({ isWithout, labels }: Grouping): string {
  return `${isWithout ? "without" : "by"} (${labels.join(", ")})`;
}

const PRECEDENCE: Readonly<Record<BinaryOp, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  "==": 3,
  "!=": 3,
  "<=": 3,
  "<": 3,
  ">=": 3,
  ">": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  "^": 6,
};

function printBinary(expr: BinaryExpr): string {
  const { op, left, right, matching } = expr;
  let text = ` ${op} `;
  if (expr.returnsBool) text += "bool ";
  if (matching !== undefined) {
    text += `${matching.isOn ? "on" : "ignoring"} (${matching.labels.join(", ")}) `;
    // The empty list is written too: without it the parenthesis of an operand would be taken for it.
    if (matching.group !== undefined) text += `group_${matching.group} (${matching.include.join(", ")}) `;
  }
  const isRightAssociative = op === "^";
  return printSide(left, op, isRightAssociative) + text + printSide(right, op, !isRightAssociative);
}

function printSide(side: MetricExpr, op: BinaryOp, groupsAgainst: boolean): string {
  const text = printMetric(side);
  if (side.kind !== "binary") return text;
  const difference = PRECEDENCE[side.op] - PRECEDENCE[op];
  return difference < 0 || (difference === 0 && groupsAgainst) ? `(${text})` : text;
}

/** Go's quoting, as far as every control character and quote needs it. */
function quote(text: string): string {
  return JSON.stringify(text);
}
