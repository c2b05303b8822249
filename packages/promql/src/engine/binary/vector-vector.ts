/**
 * Arithmetic and comparison between two vectors. Which series meet is decided once, by their labels; what
 * each step then has, step by step, since which series of a group is present may change.
 */
import { BinnacleError, type Labels } from "@binnacle/model";
import type { BinaryExpr, BinaryOp, VectorMatching } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import type { StepGrid } from "../grid.ts";
import { METADATA_LABELS } from "../names.ts";
import {
  ABSENT,
  FLOAT,
  HISTOGRAM,
  type FloatSteps,
  type StepColumns,
  type StepSeries,
  type VectorValue,
} from "../step-series.ts";
import { COLUMN_OPERATORS } from "./columns.ts";
import { combine, keepsName, type Operand, type Outcome } from "./element.ts";
import { groupBySignature, signatureKeyOf, signatureOf } from "./signature.ts";

export function combineVectors(
  expr: BinaryExpr,
  left: VectorValue,
  right: VectorValue,
  grid: StepGrid,
  evaluation: Evaluation,
): StepSeries[] {
  return new VectorMatcher(expr, grid, evaluation).run(left.series, right.series);
}

/**
 * A result series being filled, and which many-side series filled each step (for the error of two that
 * collide).
 */
interface Output {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly columns: StepColumns;
}

/** What the "many" series of one group share. */
interface GroupState {
  readonly fillOne: number | undefined;
  readonly signature: (labels: Labels) => Labels;
  /** By step, whether one of them has a result. */
  readonly taken: Uint8Array;
}

class VectorMatcher {
  readonly #expr: BinaryExpr;
  readonly #op: Exclude<BinaryOp, "and" | "or" | "unless">;
  readonly #matching: VectorMatching;
  readonly #grid: StepGrid;
  readonly #evaluation: Evaluation;
  readonly #outputs = new Map<string, Output>();
  readonly #dropsName: boolean;
  readonly #out: Outcome = { kind: ABSENT, value: 0, histogram: undefined, keep: false };
  readonly #many: Operand = { kind: ABSENT, value: 0, histogram: undefined };
  readonly #one: Operand = { kind: ABSENT, value: 0, histogram: undefined };
  #steps: FloatSteps = { kinds: new Uint8Array(0), run: undefined, isEmpty: true };
  /** Whether the left side is the "many" one, or both are "one". */
  readonly #manyIsLeft: boolean;

  constructor(expr: BinaryExpr, grid: StepGrid, evaluation: Evaluation) {
    this.#expr = expr;
    this.#op = expr.op as Exclude<BinaryOp, "and" | "or" | "unless">;
    this.#matching = expr.matching!;
    this.#grid = grid;
    this.#evaluation = evaluation;
    this.#dropsName = expr.returnBool || !keepsName(expr.op);
    this.#manyIsLeft = this.#matching.cardinality !== "one-to-many";
  }

  run(left: readonly StepSeries[], right: readonly StepSeries[]): StepSeries[] {
    const { fillLeft, fillRight } = this.#matching;
    const isOneToOne = this.#matching.cardinality === "one-to-one";
    const [many, one] = this.#manyIsLeft ? [left, right] : [right, left];
    // Prometheus swaps the sides of group_right before it fills: there, too, fill_left fills the "many" side.
    const [fillMany, fillOne] = [fillLeft, fillRight];
    const signature = signatureOf(this.#matching);
    const hasFill = fillMany !== undefined || fillOne !== undefined;
    if (!hasFill && (left.length === 0 || right.length === 0)) return [];
    let present: { many: Uint8Array; one: Uint8Array } | undefined;
    const keyOf = signatureKeyOf(this.#matching);
    const oneByKey = groupBySignature(one, keyOf);
    const manyByKey = groupBySignature(many, keyOf);

    for (const [key, group] of oneByKey) {
      // A step where one side has nothing at all is left alone before its duplicates are looked for.
      const bothPresent = (step: number): boolean => {
        if (hasFill) return true;
        present ??= { many: presenceOf(many, this.#grid), one: presenceOf(one, this.#grid) };
        return present.many[step] === 1 && present.one[step] === 1;
      };
      if (group.length > 1) this.#refuseDuplicates(group, bothPresent, signature);
      if (fillMany !== undefined) {
        this.#fillMany(group, manyByKey.get(key) ?? [], fillMany, signature(group[0]!.labels));
      }
    }
    for (const [key, group] of manyByKey) {
      const partners = oneByKey.get(key) ?? [];
      if (partners.length === 0 && fillOne === undefined) continue;
      const taken = new Uint8Array(this.#grid.count);
      const isPlain = fillOne === undefined && partners.length === 1 && (group.length === 1 || !isOneToOne);
      for (const series of group) {
        this.#evaluation.context.check();
        if (isPlain && this.#combineColumns(series, partners[0]!)) continue;
        this.#combineSeries(series, partners, { fillOne, signature, taken });
      }
    }
    const result: StepSeries[] = [];
    for (const { columns, labels, dropName } of this.#outputs.values()) {
      if (!columns.isEmpty) result.push(columns.toSeries(labels, dropName));
    }
    return result;
  }

  #refuseDuplicates(
    group: readonly StepSeries[],
    matters: (step: number) => boolean,
    signature: (labels: Labels) => Labels,
  ): void {
    for (let step = 0; step < this.#grid.count; step++) {
      if (!matters(step)) continue;
      const present = group.filter(({ kinds }) => kinds[step] !== ABSENT);
      if (present.length < 2) continue;
      const [a, b] = present as [StepSeries, StepSeries];
      const side = this.#manyIsLeft ? "right" : "left";
      const matched = signature(a.labels);
      throw new BinnacleError(
        "EXECUTION_ERROR",
        `found duplicate series for the match group ${formatLabels(matched)} on the ${side} hand-side of the ` +
          `operation: [${formatLabels(a.labels)}, ${formatLabels(b.labels)}];many-to-many matching not allowed: ` +
          "matching labels must be unique on one side",
      );
    }
  }

  /**
   * Two series of floats that meet at the same steps, the only ones of their group to meet: arithmetic needs
   * no look at each step. False, and nothing is done, where it is not so.
   */
  #combineColumns(many: StepSeries, one: StepSeries): boolean {
    const compute = COLUMN_OPERATORS[this.#op];
    if (compute === undefined || this.#expr.returnBool) return false;
    const [a, b] = [many.run, one.run];
    if (a === undefined || b === undefined) return false;
    const from = Math.max(a.from, b.from);
    const to = Math.min(a.to, b.to);
    if (from >= to) return true;
    const { columns } = this.#outputFor(many.labels, one.labels, many.dropName);
    if (!columns.isEmpty) return false;
    const [left, right] = this.#manyIsLeft ? [many, one] : [one, many];
    compute(left.values, right.values, { from, to }, columns.values);
    columns.fillAt(this.#stepsOf(from, to));
    return true;
  }

  #stepsOf(from: number, to: number): FloatSteps {
    const { run } = this.#steps;
    if (run === undefined || run.from !== from || run.to !== to) {
      const kinds = new Uint8Array(this.#grid.count).fill(FLOAT, from, to);
      this.#steps = { kinds, run: { from, to }, isEmpty: false };
    }
    return this.#steps;
  }

  /** A "many" series against the partners of its group, of which at most one is present at a step. */
  #combineSeries(many: StepSeries, partners: readonly StepSeries[], group: GroupState): void {
    const { fillOne, signature, taken } = group;
    const isOneToOne = this.#matching.cardinality === "one-to-one";
    let partner: StepSeries | undefined;
    let output: Output | undefined;
    for (let step = 0; step < this.#grid.count; step++) {
      if (many.kinds[step] === ABSENT) continue;
      const found =
        partners.length === 1 ? partners[0]! : partners.find(({ kinds }) => kinds[step] !== ABSENT);
      const isPresent = found !== undefined && found.kinds[step] !== ABSENT;
      if (!isPresent && fillOne === undefined) continue;
      read(this.#many, many, step);
      if (isPresent) read(this.#one, found, step);
      else setFloat(this.#one, fillOne!);
      const isKept = this.#combine();
      if (this.#out.kind === ABSENT) continue;
      // A filter that leaves one of two matches does not make them unambiguous.
      if (isOneToOne && taken[step] === 1) {
        throw multipleMatches("many-to-one matching must be explicit (group_left/group_right)");
      }
      taken[step] = 1;
      if (!isKept) continue;
      const wanted = isPresent ? found : undefined;
      if (output === undefined || wanted !== partner) {
        partner = wanted;
        const oneLabels = wanted === undefined ? signature(many.labels) : wanted.labels;
        output = this.#outputFor(many.labels, oneLabels, many.dropName);
      }
      this.#store(output, step);
    }
  }

  /** The "many" side is missing: a value stands in for it, under the labels the group is matched by. */
  #fillMany(group: readonly StepSeries[], many: readonly StepSeries[], fill: number, matched: Labels): void {
    for (let step = 0; step < this.#grid.count; step++) {
      if (many.some(({ kinds }) => kinds[step] !== ABSENT)) continue;
      const found = group.find(({ kinds }) => kinds[step] !== ABSENT);
      if (found === undefined) continue;
      setFloat(this.#many, fill);
      read(this.#one, found, step);
      if (this.#combine()) this.#store(this.#outputFor(matched, found.labels, false), step);
    }
  }

  /** Combines what #many and #one hold; whether there is a result. */
  #combine(): boolean {
    const left = this.#manyIsLeft ? this.#many : this.#one;
    const right = this.#manyIsLeft ? this.#one : this.#many;
    const at = { place: this.#expr, annotations: this.#evaluation.annotations };
    combine(this.#op, left, right, this.#out, at);
    if (this.#out.kind === ABSENT) return false;
    if (this.#expr.returnBool) {
      this.#out.kind = FLOAT;
      this.#out.value = this.#out.keep ? 1 : 0;
      return true;
    }
    return this.#out.keep;
  }

  #store(output: Output, step: number): void {
    if (output.columns.kindAt(step) !== ABSENT)
      throw multipleMatches("grouping labels must ensure unique matches");
    if (this.#out.kind === HISTOGRAM) output.columns.setHistogram(step, this.#out.histogram!);
    else output.columns.setFloat(step, this.#out.value);
  }

  #outputFor(many: Labels, one: Labels, dropName: boolean): Output {
    const labels = this.#resultLabels(many, one);
    const key = labels.key();
    let output = this.#outputs.get(key);
    if (output === undefined) {
      const drops = this.#evaluation.delaysNameRemoval && (this.#dropsName || dropName);
      output = { labels, dropName: drops, columns: this.#evaluation.columns(this.#grid) };
      this.#outputs.set(key, output);
    }
    return output;
  }

  #resultLabels(many: Labels, one: Labels): Labels {
    const { cardinality, on, labels: matchingLabels, include } = this.#matching;
    let labels = many;
    if (this.#dropsName && !this.#evaluation.delaysNameRemoval) labels = labels.without(METADATA_LABELS);
    if (cardinality === "one-to-one") {
      const set = new Set(matchingLabels);
      return on ? labels.only(set) : labels.without(set);
    }
    if (include.length === 0) return labels;
    const changes: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const name of include) changes[name] = one.get(name);
    return labels.with(changes);
  }
}

function multipleMatches(text: string): BinnacleError {
  return new BinnacleError("EXECUTION_ERROR", `multiple matches for labels: ${text}`);
}

/** Label sets in this error are written out whole, the name among them. */
function formatLabels(labels: Labels): string {
  const parts: string[] = [];
  for (const [name, value] of labels.entries()) parts.push(`${name}=${JSON.stringify(value)}`);
  return `{${parts.join(", ")}}`;
}

function presenceOf(series: readonly StepSeries[], grid: StepGrid): Uint8Array {
  const present = new Uint8Array(grid.count);
  for (const { kinds } of series) {
    for (let step = 0; step < grid.count; step++) if (kinds[step] !== ABSENT) present[step] = 1;
  }
  return present;
}

function read(operand: Operand, series: StepSeries, step: number): void {
  operand.kind = series.kinds[step]!;
  operand.value = series.values[step]!;
  operand.histogram = series.histograms?.[step];
}

function setFloat(operand: Operand, value: number): void {
  operand.kind = FLOAT;
  operand.value = value;
  operand.histogram = undefined;
}
