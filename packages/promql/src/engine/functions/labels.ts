/** label_replace and label_join. */
import { BinnacleError, METRIC_NAME, type Labels } from "@binnacle/model";
import { Regexp } from "@binnacle/re2";
import { isValidText, quote } from "../../parser/index.ts";
import type { Evaluation } from "../evaluation.ts";
import { mergeEqual } from "../names.ts";
import type { StepSeries, Value, VectorValue } from "../step-series.ts";
import type { FunctionImplementation } from "./function-types.ts";

function refuseLabelName(name: string, what: string): void {
  if (name !== "" && isValidText(name)) return;
  throw new BinnacleError("EXECUTION_ERROR", `invalid ${what}: ${isValidText(name) ? name : quote(name)}`);
}

function relabelled(
  input: VectorValue,
  target: string,
  valueOf: (labels: Labels) => string | undefined,
): Value {
  const series = input.series.map((one): StepSeries => {
    const value = valueOf(one.labels);
    if (value === undefined) return one;
    // A name that was set is there to stay.
    const dropName = one.dropName && target !== METRIC_NAME;
    return { ...one, labels: one.labels.with({ [target]: value }), dropName };
  });
  return { type: "vector", series: mergeEqual(series) };
}

export const labelReplace: FunctionImplementation = (call, grid, evaluation) => {
  const [target, replacement, source, pattern] = strings(call.args.slice(1), evaluation) as [
    string,
    string,
    string,
    string,
  ];
  let regexp: Regexp;
  try {
    regexp = Regexp.compile(pattern, { anchored: true, dotAll: true });
  } catch (cause) {
    const text = `invalid regular expression in label_replace(): ${pattern}`;
    throw new BinnacleError("EXECUTION_ERROR", text, { cause });
  }
  refuseLabelName(target, "destination label name in label_replace()");
  const input = evaluation.evaluateVector(call.args[0]!, grid);
  return relabelled(input, target, (labels) => regexp.expand(labels.get(source), replacement));
};

export const labelJoin: FunctionImplementation = (call, grid, evaluation) => {
  const [target, separator, ...sources] = strings(call.args.slice(1), evaluation) as [
    string,
    string,
    ...string[],
  ];
  for (const source of sources) refuseLabelName(source, "source label name in label_join()");
  refuseLabelName(target, "destination label name in label_join()");
  const input = evaluation.evaluateVector(call.args[0]!, grid);
  return relabelled(input, target, (labels) => sources.map((source) => labels.get(source)).join(separator));
};

function strings(
  args: readonly Parameters<Evaluation["evaluateString"]>[0][],
  evaluation: Evaluation,
): string[] {
  return args.map((arg) => evaluation.evaluateString(arg));
}
