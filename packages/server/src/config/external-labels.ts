/**
 * `external_labels`: the one place of a configuration where environment variables are put in, as in
 * Prometheus.
 */
import { Labels } from "@binnacle/model";

export interface ExpandedLabels {
  readonly labels: Labels;
  /** Variables that are named and not set: they became empty. */
  readonly missing: readonly string[];
}

/** Puts in `$NAME` and `${NAME}`; `$$` is a dollar sign. */
export function expandLabels(
  labels: Labels,
  environment: Readonly<Record<string, string | undefined>>,
): ExpandedLabels {
  const missing = new Set<string>();
  const expand = (value: string): string =>
    value.replace(/\$(?:(\$)|\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g, (_, dollar, braced, plain) => {
      if (dollar !== undefined) return "$";
      const name = String(braced ?? plain);
      const found = environment[name];
      if (found === undefined) missing.add(name);
      return found ?? "";
    });
  const entries = [...labels.entries()].map(([name, value]) => [name, expand(value)] as const);
  return { labels: Labels.from(entries), missing: [...missing] };
}
