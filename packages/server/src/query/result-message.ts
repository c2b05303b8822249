/**
 * A query's result as it crosses threads for a rule: structured clone keeps no classes, so labels go as their
 * pairs.
 */
import { Labels, type QueryResult, type QueryValue } from "@binnacle/model";

export interface ResultMessage {
  readonly value: unknown;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

export function toResultMessage(result: QueryResult): ResultMessage {
  const { value } = result;
  const plain =
    value.type === "vector"
      ? { ...value, samples: value.samples.map((sample) => ({ ...sample, labels: sample.labels.pairs })) }
      : value.type === "matrix"
        ? { ...value, series: value.series.map((series) => ({ ...series, labels: series.labels.pairs })) }
        : value;
  return { ...result, value: plain };
}

export function fromResultMessage(message: ResultMessage): QueryResult {
  const value = message.value as QueryValue;
  const revived: QueryValue =
    value.type === "vector"
      ? { ...value, samples: value.samples.map(withLabels) }
      : value.type === "matrix"
        ? { ...value, series: value.series.map(withLabels) }
        : value;
  return { value: revived, warnings: message.warnings, infos: message.infos };
}

function withLabels<T extends { labels: Labels }>(item: T): T {
  return { ...item, labels: Labels.fromSortedPairs(item.labels as unknown as readonly string[]) };
}
