/** Label sets as text: selectors in the syntax that PromQL and LogQL share. */
const PLAIN_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export type LabelSet = Readonly<Record<string, string>>;

export function quote(value: string): string {
  return JSON.stringify(value);
}

export function matcher(name: string, value: string, operator = "="): string {
  return `${PLAIN_LABEL.test(name) ? name : quote(name)}${operator}${quote(value)}`;
}

/** Names ascending, without the metric's. */
export function labelEntries(labels: LabelSet): readonly (readonly [string, string])[] {
  return Object.entries(labels)
    .filter(([name]) => name !== "__name__")
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
}

/** `up{job="node"}`: a selector that finds the series again. */
export function seriesSelector(labels: LabelSet): string {
  const name = labels["__name__"] ?? "";
  const matchers = labelEntries(labels).map(([label, value]) => matcher(label, value));
  if (name !== "" && !PLAIN_METRIC.test(name)) matchers.unshift(quote(name));
  const plainName = PLAIN_METRIC.test(name) ? name : "";
  return matchers.length === 0 && plainName !== "" ? plainName : `${plainName}{${matchers.join(", ")}}`;
}

/** Only the labels in which the series of a result differ: a legend need not repeat what they share. */
export function distinguishingLabels(sets: readonly LabelSet[]): ReadonlySet<string> {
  const names = new Set<string>();
  const [first] = sets;
  if (first === undefined) return names;
  for (const labels of sets) {
    for (const name in labels) if (labels[name] !== first[name]) names.add(name);
    for (const name in first) if (labels[name] !== first[name]) names.add(name);
  }
  return names;
}
