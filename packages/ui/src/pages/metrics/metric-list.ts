/** The list of metrics, searched. */

export interface MetricHelp {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

/** The name of the histogram or summary that a series' name is a part of. */
export function wholeName(name: string): string {
  return name.replace(/_(?:bucket|count|sum)$/, "");
}

/** Those whose name or help holds every word; a name that begins with the first word comes before others. */
export function matchingMetrics(metrics: readonly MetricHelp[], text: string): readonly MetricHelp[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const [first] = words;
  if (first === undefined) return metrics;
  const rank = ({ name }: MetricHelp): number => (name.startsWith(first) ? 0 : name.includes(first) ? 1 : 2);
  return metrics
    .filter(({ name, help }) => {
      const searched = `${name} ${help}`.toLowerCase();
      return words.every((word) => searched.includes(word));
    })
    .toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

/** What one wants to see of a metric of this type first. */
export function firstQuery({ name, type }: MetricHelp): string {
  if (type === "histogram" && name.endsWith("_bucket")) {
    return `histogram_quantile(0.9, sum by (le) (rate(${name}[5m])))`;
  }
  const isCounter = type === "counter" || name.endsWith("_total") || /_(?:bucket|count|sum)$/.test(name);
  return isCounter ? `rate(${name}[5m])` : name;
}
