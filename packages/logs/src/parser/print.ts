/** Prints a tree as LogQL on one line, as Loki does, so that parsing it gives the same tree. */
import { formatDuration, unreachable } from "@binnacle/model";
import type {
  BinaryExpr,
  Extraction,
  Grouping,
  LabelCondition,
  LogExpr,
  MetricExpr,
  PipelineExpr,
  RangeAggregationExpr,
  Stage,
  VectorAggregationExpr,
  VectorMatching,
} from "./ast.ts";

export function printLogQL(expr: LogExpr): string {
  return expr.kind === "pipeline" ? printPipeline(expr) : printMetric(expr);
}

export function printPipeline(expr: PipelineExpr): string {
  return [printSource(expr), ...stagesOf(expr).map(printStage)].join(" ");
}

/** The selector, or the text that is searched for instead. */
export function printSource({ matchers, searchesAll, stages }: PipelineExpr): string {
  const [first] = stages;
  if (searchesAll === true && first?.kind === "line_filter") return quote(first.values[0]!.text);
  return `{${matchers.map(({ name, op, value }) => `${name}${op}${quote(value)}`).join(", ")}}`;
}

/** Those that stand behind the source. */
export function stagesOf({ searchesAll, stages }: PipelineExpr): readonly Stage[] {
  return searchesAll === true ? stages.slice(1) : stages;
}

export function printStage(stage: Stage): string {
  switch (stage.kind) {
    case "line_filter": {
      const values = stage.values.map(({ kind, text }) =>
        kind === "ip" ? `ip(${quote(text)})` : quote(text),
      );
      return `${stage.op} ${values.join(" or ")}`;
    }
    case "json":
      return words("| json", printExtractions(stage.extractions));
    case "logfmt": {
      const flags = words(stage.isStrict ? "--strict" : "", stage.keepsEmpty ? "--keep-empty" : "");
      return words("| logfmt", flags, printExtractions(stage.extractions));
    }
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
      return `| label_format ${assignments.join(",")}`;
    }
    case "label_filter":
      return `| ${printCondition(stage.condition)}`;
    case "drop":
    case "keep": {
      const items = stage.items.map(({ name, matcher }) =>
        matcher === undefined ? name : `${name}${matcher.op}${quote(matcher.value)}`,
      );
      return `| ${stage.kind} ${items.join(",")}`;
    }
    case "unwrap": {
      const { label, conversion } = stage;
      return `| unwrap ${conversion === undefined ? label : `${conversion}(${label})`}`;
    }
    case "distinct":
      return words("| distinct", stage.labels.join(","));
    case "sort":
      return words(
        "| sort",
        stage.keys.map(({ label, isDescending }) => words(label, isDescending ? "desc" : "")).join(","),
      );
    case "context": {
      const { before, after } = stage;
      const isNeither = before === 0 && after === 0;
      return words(
        "| context",
        before > 0 || isNeither ? `before ${before}` : "",
        after > 0 ? `after ${after}` : "",
      );
    }
    default:
      return `| ${stage.kind}`;
  }
}

function words(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}

function printExtractions(extractions: readonly Extraction[]): string {
  return extractions.map(({ name, path }) => `${name}=${quote(path)}`).join(",");
}

function printCondition(condition: LabelCondition): string {
  if (condition.kind !== "compare") {
    const between = condition.kind === "and" ? "," : "or";
    return `( ${printCondition(condition.left)} ${between} ${printCondition(condition.right)} )`;
  }
  const { name, op, value } = condition;
  if (value.kind === "string") return `${name}${op}${quote(value.text)}`;
  if (value.kind === "ip") return `${name}${op}ip(${quote(value.text)})`;
  return `${name}${op}${value.text}`;
}

export function printMetric(expr: MetricExpr): string {
  switch (expr.kind) {
    case "number":
      return String(expr.value);
    case "vector":
      return `vector(${expr.value})`;
    case "range_aggregation":
      return printRangeAggregation(expr);
    case "vector_aggregation": {
      const parameters = [...parameterOf(expr), printMetric(expr.expr)];
      return `${expr.op}${printGrouping(expr.grouping)}(${parameters.join(",")})`;
    }
    case "label_replace": {
      const texts = [expr.target, expr.replacement, expr.source, expr.pattern].map(quote);
      return `label_replace(${printMetric(expr.expr)},${texts.join(",")})`;
    }
    case "binary":
      return `(${printMetric(expr.left)} ${printOperator(expr)} ${printMetric(expr.right)})`;
    default:
      return unreachable(expr);
  }
}

export function parameterOf({ parameter }: RangeAggregationExpr | VectorAggregationExpr): readonly string[] {
  return parameter === undefined ? [] : [String(parameter)];
}

function printRangeAggregation(expr: RangeAggregationExpr): string {
  const range = `${printPipeline(expr.pipeline)}${printRange(expr)}`;
  return `${expr.op}(${[...parameterOf(expr), range].join(",")})${printGrouping(expr.grouping)}`;
}

/** `[5m] offset 1h` */
export function printRange({ rangeMs, offsetMs }: RangeAggregationExpr): string {
  return `[${printDuration(rangeMs)}]${offsetMs === 0 ? "" : ` offset ${printDuration(offsetMs)}`}`;
}

function printDuration(ms: number): string {
  return Number.isInteger(ms) ? formatDuration(ms) : `${Math.round(ms * 1e6)}ns`;
}

/**
 * With a space before it, or nothing. `by ()` of an aggregation of vectors says nothing, but of ranges it
 * does.
 */
export function printGrouping(grouping: Grouping | undefined): string {
  return grouping === undefined
    ? ""
    : ` ${grouping.isWithout ? "without" : "by"} (${grouping.labels.join(",")})`;
}

/** The operator with its modifiers. */
export function printOperator({ op, returnsBool, matching }: BinaryExpr): string {
  return words(op, returnsBool ? "bool" : "", matching === undefined ? "" : printMatching(matching));
}

function printMatching({ isOn, labels, group, include }: VectorMatching): string {
  // The empty list is written too: without it the parenthesis of an operand would be taken for it.
  const grouped = group === undefined ? "" : `group_${group} (${include.join(",")})`;
  return words(`${isOn ? "on" : "ignoring"} (${labels.join(",")})`, grouped);
}

/** Go's quoting, as far as every control character and quote needs it. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
