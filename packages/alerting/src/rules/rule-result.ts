/** What a rule's query answers, and the samples a rule gives. */
import {
  BinnacleError,
  Labels,
  type Histogram,
  type InstantQuerier,
  type VectorSample,
} from "@binnacle/model";

/** One sample for the store. */
export interface RuleSample {
  readonly labels: Labels;
  readonly value: number;
  readonly histogram: Histogram | undefined;
}

/** The samples of an expression, a scalar being a sample without labels. Throws what the query throws. */
export async function queryVector(
  querier: InstantQuerier,
  expression: string,
  timeMs: number,
): Promise<readonly VectorSample[]> {
  const { value } = await querier.instant(expression, timeMs);
  if (value.type === "vector") return value.samples;
  if (value.type === "scalar") {
    return [{ labels: Labels.EMPTY, timeMs: value.timeMs, value: value.value, histogram: undefined }];
  }
  throw new BinnacleError(
    "EXECUTION_ERROR",
    `rule result is not a vector or scalar but a ${value.type}: ${expression}`,
  );
}
