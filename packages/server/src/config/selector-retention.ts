/** `retention.selectors`: series that are kept for less time than the rest. */
import { durationMs } from "@binnacle/config";
import { BinnacleError, type Matcher } from "@binnacle/model";
import { parse } from "@binnacle/promql/parser";
import { z } from "zod";

/** A PromQL series selector, with its matchers. */
const selector = z.string().transform((text, context): { match: string; matchers: readonly Matcher[] } => {
  try {
    const expr = parse(text);
    if (expr.kind === "selector" && expr.offset === undefined && expr.at === undefined)
      return { match: text, matchers: expr.matchers };
    context.addIssue({ code: "custom", message: "a series selector", input: text });
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    context.addIssue({ code: "custom", message: `a series selector (${error.message})`, input: text });
  }
  return z.NEVER;
});

export const selectorRetentionSchema = z
  .strictObject({
    match: selector,
    time: durationMs.refine((ms) => ms > 0, { error: "a duration over 0" }),
  })
  .transform(({ match, time }) => ({ ...match, retentionMs: time }));
