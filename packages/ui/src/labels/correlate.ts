/**
 * From a series to the lines of the same thing, and back. Metrics and logs carry one label set here, so the
 * bridge is the labels that say whose they are, as far as the other side has them.
 */
import { labelEntries, matcher, type LabelSet } from "./selector.ts";

/** Labels that name a thing, not a dimension of a measurement. */
export const IDENTITY_LABELS: readonly string[] = [
  "app",
  "cluster",
  "compose_service",
  "container",
  "container_name",
  "daemonset",
  "deployment",
  "host",
  "hostname",
  "instance",
  "job",
  "namespace",
  "node",
  "node_name",
  "pod",
  "service",
  "service_name",
  "statefulset",
  "unit",
];

/** Values of identity labels, by label. */
export type Identities = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * A selector by the identity labels whose values the other side knows; undefined where they share none. A
 * value that is not known there is left out rather than asked for: a host's logs have its instance, but
 * another job.
 */
export function correlatedSelector(labels: LabelSet, there: Identities): string | undefined {
  const shared = labelEntries(labels).filter(([name, value]) => there.get(name)?.has(value) === true);
  if (shared.length === 0) return undefined;
  return `{${shared.map(([name, value]) => matcher(name, value)).join(", ")}}`;
}

/** Which metrics a stream's source has: the table of this query is a list of names to choose from. */
export function metricsOfQuery(selector: string): string {
  return `sort_desc(count by (__name__) (${selector}))`;
}
