/** `retention.logs_selectors`: streams that are kept for another time than the rest. */
import { durationMs } from "@binnacle/config";
import { parseLogQL } from "@binnacle/logs/parser";
import { BinnacleError, type Matcher } from "@binnacle/model";
import { z } from "zod";

/** A LogQL stream selector, with its matchers. */
const selector = z.string().transform((text, context): { match: string; matchers: readonly Matcher[] } => {
  try {
    const expr = parseLogQL(text);
    const isSelector = expr.kind === "pipeline" && expr.stages.length === 0 && expr.searchesAll !== true;
    if (isSelector) return { match: text, matchers: expr.matchers };
    context.addIssue({ code: "custom", message: "a stream selector without stages", input: text });
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    context.addIssue({ code: "custom", message: `a stream selector (${error.message})`, input: text });
  }
  return z.NEVER;
});

export const streamRetentionSchema = z
  .strictObject({
    match: selector,
    time: durationMs.refine((ms) => ms > 0, { error: "a duration over 0" }),
    /** As in Loki's retention_stream: the highest counts, and of equal ones the shortest time. */
    priority: z.int().default(0),
  })
  .transform(({ match, time, priority }) => ({ ...match, retentionMs: time, priority }));
