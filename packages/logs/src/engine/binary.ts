/** Binary operators between numbers and series. */
import { BinnacleError, type Labels } from "@binnacle/model";
import type { BinaryExpr, BinaryOp, VectorMatching } from "../parser/ast.ts";
import { newSeries, type Evaluated, type Grid, type GridSeries } from "./grid.ts";
import { withoutEmpty } from "./vector-aggregation.ts";

export function evaluateBinary(
  expr: BinaryExpr,
  left: Evaluated,
  right: Evaluated,
  count: number,
): Evaluated {
  const { op } = expr;
  if (left.kind === "number" && right.kind === "number") {
    const value = isComparison(op)
      ? Number(compare(op, left.value, right.value))
      : calculate(op, left.value, right.value);
    return { kind: "number", value };
  }
  if (left.kind === "number") {
    const { value } = left;
    return grid(withNumber((right as { series: Grid }).series, expr, (x) => [value, x], count));
  }
  if (right.kind === "number") {
    const { value } = right;
    return grid(withNumber(left.series, expr, (x) => [x, value], count));
  }
  if (op === "and" || op === "or" || op === "unless") {
    return grid(combineSets(op, expr.matching, left.series, right.series, count));
  }
  return grid(combineVectors(expr, left.series, right.series, count));
}

function grid(series: Grid): Evaluated {
  return { kind: "grid", series };
}

function isComparison(op: BinaryOp): op is "==" | "!=" | "<" | "<=" | ">" | ">=" {
  return ["==", "!=", "<", "<=", ">", ">="].includes(op);
}

function compare(op: BinaryOp, a: number, b: number): boolean {
  switch (op) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    default:
      return a >= b;
  }
}

function calculate(op: BinaryOp, a: number, b: number): number {
  switch (op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      // In LogQL a division by zero is NaN, not infinite.
      return b === 0 ? Number.NaN : a / b;
    case "%":
      return b === 0 ? Number.NaN : a % b;
    case "^":
      return a ** b;
    default:
      throw new Error(`BUG: ${op} does not calculate`);
  }
}

/** A comparison keeps the value of the series that satisfies it, unless it is to give 0 or 1. */
function withNumber(
  input: Grid,
  { op, returnsBool }: BinaryExpr,
  sides: (value: number) => [number, number],
  count: number,
): GridSeries[] {
  return input.map((series) => {
    const result = newSeries(series.labels, count);
    for (let step = 0; step < count; step++) {
      if (series.present[step] === 0) continue;
      const value = series.values[step]!;
      const [a, b] = sides(value);
      if (!isComparison(op)) result.values[step] = calculate(op, a, b);
      else if (returnsBool) result.values[step] = Number(compare(op, a, b));
      else if (compare(op, a, b)) result.values[step] = value;
      else continue;
      result.present[step] = 1;
    }
    return result;
  });
}

/** Empty labels match absent ones, and are not in what an operation of two vectors gives. */
function signature(labels: Labels, matching: VectorMatching | undefined): Labels {
  if (matching === undefined) return withoutEmpty(labels);
  const names = new Set(matching.labels);
  return withoutEmpty(matching.isOn ? labels.only(names) : labels.without(names));
}

function bySignature(input: Grid, matching: VectorMatching | undefined): Map<string, GridSeries[]> {
  const groups = new Map<string, GridSeries[]>();
  for (const series of input) {
    const key = signature(series.labels, matching).key();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [series]);
    else group.push(series);
  }
  return groups;
}

function combineSets(
  op: "and" | "or" | "unless",
  matching: VectorMatching | undefined,
  left: Grid,
  right: Grid,
  count: number,
): GridSeries[] {
  const here = bySignature(left, matching);
  const there = bySignature(right, matching);
  const filter = (series: GridSeries, keeps: (step: number) => boolean): GridSeries => {
    const result = newSeries(series.labels, count);
    for (let step = 0; step < count; step++) {
      if (series.present[step] === 0 || !keeps(step)) continue;
      result.values[step] = series.values[step]!;
      result.present[step] = 1;
    }
    return result;
  };
  const keyOf = (series: GridSeries): string => signature(series.labels, matching).key();
  if (op === "or") {
    const added = right.map((series) => filter(series, (step) => !isAny(here.get(keyOf(series)), step)));
    return [...left, ...added];
  }
  return left.map((series) =>
    filter(series, (step) => isAny(there.get(keyOf(series)), step) === (op === "and")),
  );
}

function isAny(group: readonly GridSeries[] | undefined, step: number): boolean {
  return group?.some(({ present }) => present[step] === 1) ?? false;
}

/** One to one, or with `group_left` and `group_right` many to one. */
function combineVectors(expr: BinaryExpr, left: Grid, right: Grid, count: number): GridSeries[] {
  const { matching } = expr;
  const isManyRight = matching?.group === "right";
  const many = isManyRight ? right : left;
  const one = bySignature(isManyRight ? left : right, matching);
  for (const group of one.values()) checkUnique(group, count, isManyRight ? "left" : "right");
  const results = new Map<string, GridSeries>();
  // Which step of which group has met its one partner: a second is an error.
  const used = new Map<string, Uint8Array>();
  for (const series of many) {
    const key = signature(series.labels, matching).key();
    const partners = one.get(key) ?? [];
    for (let step = 0; step < count; step++) {
      if (series.present[step] === 0) continue;
      const partner = partners.find(({ present }) => present[step] === 1);
      if (partner === undefined) continue;
      if (matching?.group === undefined) {
        let steps = used.get(key);
        if (steps === undefined) used.set(key, (steps = new Uint8Array(count)));
        if (steps[step] === 1) {
          throw new BinnacleError(
            "EXECUTION_ERROR",
            "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
          );
        }
        steps[step] = 1;
      }
      const [a, b] = isManyRight ? [partner, series] : [series, partner];
      const value = combineValues(expr, a.values[step]!, b.values[step]!);
      if (value === undefined) continue;
      const labels = resultLabels(series.labels, partner.labels, matching);
      let result = results.get(labels.key());
      if (result === undefined) results.set(labels.key(), (result = newSeries(labels, count)));
      if (result.present[step] === 1) {
        throw new BinnacleError(
          "EXECUTION_ERROR",
          `multiple matches for labels: grouping labels must ensure unique matches`,
        );
      }
      result.values[step] = value;
      result.present[step] = 1;
    }
  }
  return [...results.values()];
}

/** Series of the side that has one must not share their labels at any step, matched or not. */
function checkUnique(group: readonly GridSeries[], count: number, side: "left" | "right"): void {
  if (group.length < 2) return;
  for (let step = 0; step < count; step++) {
    const [first, second] = group.filter(({ present }) => present[step] === 1);
    if (second !== undefined) throw duplicate(first!, second, side);
  }
}

function combineValues({ op, returnsBool }: BinaryExpr, a: number, b: number): number | undefined {
  if (!isComparison(op)) return calculate(op, a, b);
  const holds = compare(op, a, b);
  if (returnsBool) return Number(holds);
  return holds ? a : undefined;
}

function resultLabels(many: Labels, one: Labels, matching: VectorMatching | undefined): Labels {
  if (matching?.group === undefined) return signature(many, matching);
  const changes: Record<string, string> = {};
  for (const name of matching.include) changes[name] = one.get(name);
  return matching.include.length === 0 ? withoutEmpty(many) : many.with(changes);
}

function duplicate(first: GridSeries, second: GridSeries, side: string): BinnacleError {
  return new BinnacleError(
    "EXECUTION_ERROR",
    `found duplicate series on the ${side} hand-side of the operation: [${second.labels.toString()}, ` +
      `${first.labels.toString()}]; many-to-many matching not allowed: matching labels must be unique on one side`,
  );
}
