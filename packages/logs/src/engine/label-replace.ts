/** label_replace: sets a label from another's value where a pattern matches all of it. */
import { BinnacleError } from "@binnacle/model";
import { Regexp } from "@binnacle/re2";
import type { LabelReplaceExpr } from "../parser/ast.ts";
import type { Grid } from "./grid.ts";

export function replaceLabel(expr: LabelReplaceExpr, input: Grid): Grid {
  const { target, replacement, source, pattern } = expr;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(target)) {
    throw new BinnacleError("EXECUTION_ERROR", `invalid destination label name in label_replace: ${target}`);
  }
  const re = Regexp.compile(pattern, { anchored: true });
  const seen = new Set<string>();
  return input.map((series) => {
    const value = re.expand(series.labels.get(source), replacement);
    const labels = value === undefined ? series.labels : series.labels.with({ [target]: value });
    if (seen.has(labels.key())) {
      throw new BinnacleError(
        "EXECUTION_ERROR",
        `duplicate labels after label_replace: ${labels.toString()}`,
      );
    }
    seen.add(labels.key());
    return { ...series, labels };
  });
}
