/** A query's tree as it is evaluated: one that gives the same answer in all it says, with less work. */
import type { Expr } from "../parser/index.ts";
import { foldConstants } from "./fold-constants.ts";
import { pushMatchers } from "./push-matchers.ts";

export { findCommon } from "./common.ts";

export function optimize(expr: Expr): Expr {
  return pushMatchers(foldConstants(expr));
}
