/**
 * Compiles the stages of a selector: first the filters that work on whole blocks, then what works line by
 * line.
 */
import { BinnacleError, type LineHint } from "@binnacle/model";
import { Regexp } from "@binnacle/re2";
import {
  isArranging,
  type LineFilterStage,
  type PipelineExpr,
  type Stage,
  type UnwrapStage,
} from "../parser/ast.ts";
import { compileLabelFormat, compileLineFormat, compileSelectLabels, decolorize } from "./format-stages.ts";
import { compileLabelFilter } from "./label-filter.ts";
import { compileBlockFilter, compileLineFilterStage, lineHints, type BlockFilter } from "./line-filter.ts";
import { compilePatternParser } from "./line-pattern.ts";
import { compileJson, unpack } from "./parse-json.ts";
import { compileLogfmt } from "./parse-logfmt.ts";
import type { LineStage } from "./stage.ts";
import { compileUnwrap, type Unwrap } from "./unwrap.ts";

export interface CompiledPipeline {
  readonly hints: readonly LineHint[];
  readonly blockFilters: readonly BlockFilter[];
  readonly stages: readonly LineStage[];
  /** What a metric query takes from each line instead of 1 or its length. */
  readonly unwrap: Unwrap | undefined;
  /** Label filters after the unwrap. */
  readonly afterUnwrap: readonly LineStage[];
}

/**
 * Throws BAD_REGEXP, BAD_TEMPLATE or PARSE_ERROR, and BAD_PARAMETER for stages that need all lines of an
 * answer.
 */
export function compilePipeline(expr: PipelineExpr): CompiledPipeline {
  const { stages } = expr;
  const arranging = stages.find(isArranging);
  if (arranging !== undefined) {
    throw new BinnacleError(
      "BAD_PARAMETER",
      `${arranging.kind} may stand only in a query of a range's lines`,
    );
  }
  const unwrapAt = stages.findIndex((stage) => stage.kind === "unwrap");
  const before = unwrapAt < 0 ? stages : stages.slice(0, unwrapAt);
  const leading: LineFilterStage[] = [];
  for (const stage of before) {
    if (stage.kind !== "line_filter") break;
    leading.push(stage);
  }
  const rest = before.slice(leading.length);
  // The store's own lines can be left out only by what sees them as they are stored.
  return {
    hints: lineHints(leading),
    blockFilters: [...leading].sort(byCost).map(compileBlockFilter),
    stages: rest.map(compileStage),
    unwrap: unwrapAt < 0 ? undefined : compileUnwrap(stages[unwrapAt] as UnwrapStage),
    afterUnwrap: unwrapAt < 0 ? [] : stages.slice(unwrapAt + 1).map(compileStage),
  };
}

/** Filters give the same lines in any order, so a literal that must occur goes first and patterns last. */
function byCost(a: LineFilterStage, b: LineFilterStage): number {
  return cost(a) - cost(b);
}

function cost({ op, values }: LineFilterStage): number {
  if (values.some((value) => value.kind === "ip")) return 3;
  if (op === "|=" || op === "!=") return values.length > 1 ? 2 : op === "|=" ? 0 : 1;
  return 4;
}

function compileStage(stage: Stage): LineStage {
  switch (stage.kind) {
    case "line_filter":
      return compileLineFilterStage(stage);
    case "json":
      return compileJson(stage);
    case "logfmt":
      return compileLogfmt(stage);
    case "regexp":
      return compileRegexpParser(stage.pattern);
    case "pattern": {
      const parse = compilePatternParser(stage.pattern);
      return ({ text, labels }) => {
        if (text === "" || labels.isComplete) return true;
        for (const [name, value] of parse(text)) labels.setParsed(name, value);
        return true;
      };
    }
    case "unpack":
      return unpack;
    case "label_filter":
      return compileLabelFilter(stage.condition);
    case "line_format":
      return compileLineFormat(stage.template);
    case "label_format":
      return compileLabelFormat(stage);
    case "decolorize":
      return decolorize;
    case "drop":
    case "keep":
      return compileSelectLabels(stage);
    default:
      throw new Error(`BUG: ${stage.kind} is no stage of its own`);
  }
}

function compileRegexpParser(pattern: string): LineStage {
  const re = Regexp.compile(pattern);
  return ({ text, labels }) => {
    const groups = re.exec(text);
    groups?.forEach((value, i) => {
      const name = re.groupNames[i];
      if (name !== undefined) labels.setParsed(name, value ?? "");
    });
    return true;
  };
}
