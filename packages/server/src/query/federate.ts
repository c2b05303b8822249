/**
 * The newest sample of each series that matches, as an exposition: what a Prometheus that federates scrapes.
 * The store does not say which type a series was exposed with, so all are untyped, as Prometheus has it.
 */
import {
  compareLabels,
  compareText,
  isStaleAt,
  METRIC_NAME,
  type Labels,
  type Matcher,
  type MetricSource,
  type QueryContext,
  wordsOf,
} from "@binnacle/model";
import { formatSeconds, formatValue } from "./json-number.ts";

export interface FederateOptions {
  readonly selectors: readonly (readonly Matcher[])[];
  readonly timeMs: number;
  readonly lookbackDeltaMs: number;
  /** Added to series that have no label of that name. */
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly format: ExpositionFormat;
}

export interface ExpositionFormat {
  readonly dialect: "text" | "openmetrics";
  /** Whether the reader takes names of any characters; else they are escaped with underscores. */
  readonly allowsUtf8: boolean;
}

interface NewestSample {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
}

/** Native histograms have no form in a text exposition and are left out. */
export async function federate(
  options: FederateOptions,
  source: MetricSource,
  context: QueryContext,
): Promise<string> {
  const { selectors, timeMs, lookbackDeltaMs } = options;
  const newest = new Map<string, NewestSample>();
  for (const matchers of selectors) {
    // As an instant selector: the window is open at its beginning.
    const range = { startMs: timeMs - lookbackDeltaMs + 1, endMs: timeMs };
    using set = await source.select({ matchers, ...range }, context);
    for (const { labels, times, values, histograms } of set.read(context)) {
      const last = times.length - 1;
      if (last < 0 || isStaleAt(wordsOf(values), last)) continue;
      if ((histograms?.times.at(-1) ?? -Infinity) > times[last]!) continue;
      newest.set(labels.key(), { labels, timeMs: times[last]!, value: values[last]! });
    }
  }
  const samples = [...newest.values()].sort(
    (a, b) =>
      compareText(a.labels.get(METRIC_NAME), b.labels.get(METRIC_NAME)) || compareLabels(a.labels, b.labels),
  );
  return writeExposition(samples, options);
}

function writeExposition(samples: readonly NewestSample[], options: FederateOptions): string {
  const { dialect, allowsUtf8 } = options.format;
  // A series without an instance says so: else the reader's own target would give it one.
  const external = Object.entries({ instance: "", ...options.externalLabels });
  const lines: string[] = [];
  let family = "";
  for (const { labels, timeMs, value } of samples) {
    const metric = labels.get(METRIC_NAME);
    if (metric === "") continue;
    const name = allowsUtf8 ? metric : escapeName(metric);
    if (name !== family) {
      family = name;
      lines.push(`# TYPE ${quoteName(name)} ${dialect === "text" ? "untyped" : "unknown"}\n`);
    }
    const all = Object.assign(Object.create(null) as object, Object.fromEntries(external), labels.toObject());
    const pairs = Object.entries(all as Record<string, string>)
      .filter(([label]) => label !== METRIC_NAME)
      .sort(([a], [b]) => compareText(a, b))
      .map(([label, text]) => `${quoteName(allowsUtf8 ? label : escapeName(label))}="${escapeText(text)}"`);
    const head = isPlain(name) ? `${name}{${pairs.join(",")}}` : `{${[quoteName(name), ...pairs].join(",")}}`;
    const time = dialect === "text" ? String(timeMs) : formatSeconds(timeMs);
    lines.push(`${head} ${formatValue(value)} ${time}\n`);
  }
  if (dialect === "openmetrics") lines.push("# EOF\n");
  return lines.join("");
}

function isPlain(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

function escapeName(name: string): string {
  return isPlain(name) ? name : name.replace(/^[0-9]|[^a-zA-Z0-9_:]/gu, "_");
}

function quoteName(name: string): string {
  return isPlain(name) ? name : `"${escapeText(name)}"`;
}

function escapeText(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
