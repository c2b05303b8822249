/** LogQL's syntax tree. Every node says where in the query it begins. */
import type { Matcher, Position } from "@binnacle/model";

export type LogExpr = PipelineExpr | MetricExpr;

/** A selector and what is done to each of its lines: gives lines. */
export interface PipelineExpr {
  readonly kind: "pipeline";
  readonly position: Position;
  readonly matchers: readonly Matcher[];
  /** A text alone, `"panic"`: all streams are searched for it. Then there are no matchers. */
  readonly searchesAll?: true;
  readonly stages: readonly Stage[];
}

export type Stage =
  | LineFilterStage
  | JsonStage
  | LogfmtStage
  | { readonly kind: "regexp"; readonly position: Position; readonly pattern: string }
  | { readonly kind: "pattern"; readonly position: Position; readonly pattern: string }
  | { readonly kind: "unpack"; readonly position: Position }
  | LabelFilterStage
  | { readonly kind: "line_format"; readonly position: Position; readonly template: string }
  | LabelFormatStage
  | { readonly kind: "decolorize"; readonly position: Position }
  | SelectLabelsStage
  | UnwrapStage
  | ArrangingStage;

/** Beyond Loki: what is done to the lines of an answer together, after all other stages. */
export type ArrangingStage = DistinctStage | SortStage | ContextStage;

/** Keeps the first line, in the query's direction, of each combination of values. */
export interface DistinctStage {
  readonly kind: "distinct";
  readonly position: Position;
  /** Empty: the line's text. */
  readonly labels: readonly string[];
}

export interface SortStage {
  readonly kind: "sort";
  readonly position: Position;
  /** Empty: the line's text, ascending. */
  readonly keys: readonly SortKey[];
}

export interface SortKey {
  /** `__line__` is the line's text. */
  readonly label: string;
  readonly isDescending: boolean;
}

/** Lines of the same stream around each that was found, whatever the filters say of them. */
export interface ContextStage {
  readonly kind: "context";
  readonly position: Position;
  readonly before: number;
  readonly after: number;
}

export function isArranging(stage: Stage): stage is ArrangingStage {
  return stage.kind === "distinct" || stage.kind === "sort" || stage.kind === "context";
}

export type LineFilterOp = "|=" | "!=" | "|~" | "!~" | "|>" | "!>";

export interface LineFilterStage {
  readonly kind: "line_filter";
  readonly position: Position;
  readonly op: LineFilterOp;
  /** At least one; joined by `or`. */
  readonly values: readonly LineFilterValue[];
}

export interface LineFilterValue {
  /** `ip` for ip("…"): an address, a range of them or a CIDR. */
  readonly kind: "text" | "ip";
  readonly text: string;
}

/** `name="path"`; a bare `name` is short for `name="name"`. */
export interface Extraction {
  readonly name: string;
  readonly path: string;
}

export interface JsonStage {
  readonly kind: "json";
  readonly position: Position;
  /** Empty: every field. */
  readonly extractions: readonly Extraction[];
}

export interface LogfmtStage {
  readonly kind: "logfmt";
  readonly position: Position;
  readonly isStrict: boolean;
  readonly keepsEmpty: boolean;
  /** Empty: every field. */
  readonly extractions: readonly Extraction[];
}

export interface LabelFilterStage {
  readonly kind: "label_filter";
  readonly position: Position;
  readonly condition: LabelCondition;
}

export type CompareOp = "=" | "==" | "!=" | "=~" | "!~" | ">" | ">=" | "<" | "<=";

export type LabelCondition =
  | { readonly kind: "and" | "or"; readonly left: LabelCondition; readonly right: LabelCondition }
  | LabelComparison;

export interface LabelComparison {
  readonly kind: "compare";
  readonly position: Position;
  readonly name: string;
  readonly op: CompareOp;
  readonly value: ComparedValue;
}

export type ComparedValue =
  | { readonly kind: "string" | "ip"; readonly text: string }
  /** `value` is the number, seconds of a duration, or bytes; `text` as it was written. */
  | { readonly kind: "number" | "duration" | "bytes"; readonly text: string; readonly value: number };

export interface LabelFormatStage {
  readonly kind: "label_format";
  readonly position: Position;
  readonly assignments: readonly LabelAssignment[];
}

export type LabelAssignment =
  | { readonly kind: "rename"; readonly name: string; readonly source: string }
  | { readonly kind: "template"; readonly name: string; readonly template: string };

export interface SelectLabelsStage {
  readonly kind: "drop" | "keep";
  readonly position: Position;
  readonly items: readonly SelectedLabel[];
}

export interface SelectedLabel {
  readonly name: string;
  /** Only when the label's value satisfies it. */
  readonly matcher: Matcher | undefined;
}

export type UnwrapConversion = "duration" | "duration_seconds" | "bytes";

export interface UnwrapStage {
  readonly kind: "unwrap";
  readonly position: Position;
  readonly label: string;
  readonly conversion: UnwrapConversion | undefined;
}

/** What gives a vector or a number at each step. */
export type MetricExpr =
  | RangeAggregationExpr
  | VectorAggregationExpr
  | BinaryExpr
  | LabelReplaceExpr
  | { readonly kind: "number"; readonly position: Position; readonly value: number }
  | { readonly kind: "vector"; readonly position: Position; readonly value: number };

export const RANGE_OPS = [
  "rate",
  "rate_counter",
  "count_over_time",
  "bytes_rate",
  "bytes_over_time",
  "sum_over_time",
  "avg_over_time",
  "min_over_time",
  "max_over_time",
  "first_over_time",
  "last_over_time",
  "stdvar_over_time",
  "stddev_over_time",
  "quantile_over_time",
  "absent_over_time",
] as const;
export type RangeOp = (typeof RANGE_OPS)[number];

export const VECTOR_OPS = [
  "sum",
  "avg",
  "min",
  "max",
  "count",
  "stddev",
  "stdvar",
  "topk",
  "bottomk",
  "approx_topk",
  "sort",
  "sort_desc",
] as const;
export type VectorOp = (typeof VECTOR_OPS)[number];

export interface Grouping {
  readonly isWithout: boolean;
  readonly labels: readonly string[];
}

export interface RangeAggregationExpr {
  readonly kind: "range_aggregation";
  readonly position: Position;
  readonly op: RangeOp;
  /** quantile_over_time's. */
  readonly parameter: number | undefined;
  /** Its last stages may be an unwrap and label filters after it. */
  readonly pipeline: PipelineExpr;
  readonly rangeMs: number;
  readonly offsetMs: number;
  readonly grouping: Grouping | undefined;
}

export interface VectorAggregationExpr {
  readonly kind: "vector_aggregation";
  readonly position: Position;
  readonly op: VectorOp;
  /** The k of topk and its kin. */
  readonly parameter: number | undefined;
  readonly expr: MetricExpr;
  readonly grouping: Grouping | undefined;
}

export type BinaryOp =
  | "or"
  | "and"
  | "unless"
  | "=="
  | "!="
  | "<="
  | "<"
  | ">="
  | ">"
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "^";

export interface BinaryExpr {
  readonly kind: "binary";
  readonly position: Position;
  readonly op: BinaryOp;
  readonly left: MetricExpr;
  readonly right: MetricExpr;
  readonly returnsBool: boolean;
  readonly matching: VectorMatching | undefined;
}

export interface VectorMatching {
  /** `on`, or else `ignoring`. */
  readonly isOn: boolean;
  readonly labels: readonly string[];
  readonly group: "left" | "right" | undefined;
  readonly include: readonly string[];
}

export interface LabelReplaceExpr {
  readonly kind: "label_replace";
  readonly position: Position;
  readonly expr: MetricExpr;
  readonly target: string;
  readonly replacement: string;
  readonly source: string;
  readonly pattern: string;
}
