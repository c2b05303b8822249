/**
 * From a series to the lines of the same thing, and back. Metrics and logs carry one label set here, so the bridge is
 * the labels that say whose they are, as far as the other side has them.
 */
import { labelEntries, matcher, type LabelSet } from "./selector.ts";

/** Labels that name a thing, not a dimension of a measurement. */
const IDENTITY: ReadonlySet<string> = new Set([
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
]);

/** A selector by the identity labels that the other side knows; undefined where they share none. */
export function correlatedSelector(labels: LabelSet, namesThere: ReadonlySet<string>): string | undefined {
  const shared = labelEntries(labels).filter(
    ([name, value]) => value !== "" && IDENTITY.has(name) && namesThere.has(name),
  );
  if (shared.length === 0) return undefined;
  return `{${shared.map(([name, value]) => matcher(name, value)).join(", ")}}`;
}

/** Which metrics a stream's source has: the table of this query is a list of names to choose from. */
export function metricsOfQuery(selector: string): string {
  return `sort_desc(count by (__name__) (${selector}))`;
}
