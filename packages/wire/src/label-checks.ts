/** What every label set from the network must satisfy, whatever it came in. */
import { Labels, METRIC_NAME } from "@binnacle/model";
import { LABEL_NAME_BYTES_MAX, LABEL_VALUE_BYTES_MAX, LABELS_MAX } from "./limits.ts";

/** The labels of pairs: name, value, name, value, … */
export function labelsFromPairs(pairs: readonly string[]): Labels {
  const entries: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i]!, pairs[i + 1]!]);
  return Labels.from(entries);
}

/** What is wrong with a label's name or value, or undefined. */
export function labelProblem(name: string, value: string): string | undefined {
  if (name === "") return "a label has no name";
  if (Buffer.byteLength(name) > LABEL_NAME_BYTES_MAX) {
    return `a label name of ${Buffer.byteLength(name)} bytes is over the limit of ${LABEL_NAME_BYTES_MAX}`;
  }
  const valueBytes = Buffer.byteLength(value);
  if (valueBytes > LABEL_VALUE_BYTES_MAX) {
    const bound = `over the limit of ${LABEL_VALUE_BYTES_MAX}`;
    return `the value of label ${JSON.stringify(name)} has ${valueBytes} bytes, ${bound}`;
  }
  return undefined;
}

/** What is wrong with pairs (name, value, name, value, …) as a label set, or undefined. */
export function pairsProblem(pairs: readonly string[]): string | undefined {
  if (pairs.length > 2 * LABELS_MAX) {
    return `${pairs.length / 2} labels are over the limit of ${LABELS_MAX}`;
  }
  const names = new Set<string>();
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i]!;
    const problem = labelProblem(name, pairs[i + 1]!);
    if (problem !== undefined) return problem;
    if (names.has(name)) return `label name ${JSON.stringify(name)} is not unique`;
    names.add(name);
  }
  return undefined;
}

/** What is wrong with a label set as a series', or undefined. */
export function seriesProblem(labels: Labels): string | undefined {
  return labels.get(METRIC_NAME) === "" ? `the series ${labels.toString()} has no metric name` : undefined;
}
