/** A recording rule: its query's samples under a name and labels of its own. */
import { BinnacleError, Labels, METRIC_NAME } from "@binnacle/model";
import type { RecordingRuleConfig } from "../config/rule-file.ts";
import type { EvaluationTimes, RuleContext } from "./rule-context.ts";
import { queryVector, type RuleSample } from "./rule-result.ts";

/**
 * Throws what the query throws, and EXECUTION_ERROR for samples with equal labels or more of them than the
 * limit.
 */
export async function evaluateRecordingRule(
  config: RecordingRuleConfig,
  limit: number,
  context: RuleContext,
  times: EvaluationTimes,
): Promise<readonly RuleSample[]> {
  const vector = await queryVector(context.querier, config.expression, times.queryTimeMs);
  const own = [...config.labels.entries(), [METRIC_NAME, config.name] as const];
  const samples = vector.map(({ labels, value, histogram }): RuleSample => ({
    labels: Labels.from([...labels.entries(), ...own]),
    value,
    histogram,
  }));
  const keys = new Set<string>();
  for (const { labels } of samples) {
    if (keys.has(labels.key())) {
      throw new BinnacleError(
        "EXECUTION_ERROR",
        `vector contains metrics with the same labelset after applying rule labels: ${labels.toString()}`,
      );
    }
    keys.add(labels.key());
  }
  if (limit > 0 && samples.length > limit) {
    throw new BinnacleError("EXECUTION_ERROR", `exceeded limit of ${limit} with ${samples.length} series`);
  }
  return samples;
}
