/**
 * JSON lines as VictoriaMetrics exports and imports them, a series a line:
 *
 *     {"metric":{"__name__":"up","job":"x"},"values":[1,0],"timestamps":[1700000000000,1700000015000]}
 */
import { type MetricPush, MetricPushBuilder } from "../push/metric-push.ts";
import { eachLine, LineError, quote, seriesLabels } from "./lines.ts";
import type { PushTextOptions } from "./options.ts";

/** Bad lines are left out and named. */
export function decodeJsonSeries(body: Uint8Array, options: PushTextOptions): MetricPush {
  const push = new MetricPushBuilder();
  eachLine(body, push, (line) => {
    if (line.trim() === "") return;
    const { metric, values, timestamps } = parse(line);
    const labels = seriesLabels([...labelsOf(metric), ...options.extraLabels]);
    if (!Array.isArray(values) || !Array.isArray(timestamps) || values.length !== timestamps.length) {
      throw new LineError('expected lists "values" and "timestamps" of one length');
    }
    const numbers = values.map(toValue);
    const times = timestamps.map(toTime);
    const series = push.series(labels);
    for (const [i, value] of numbers.entries()) {
      if (value === undefined) push.addStale(series, { timeMs: times[i]! });
      else push.addSample(series, value, { timeMs: times[i]! });
    }
  });
  return push.finish();
}

function parse(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new LineError(`it is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new LineError(`expected an object, found ${quote(line)}`);
  }
  return value as Record<string, unknown>;
}

function labelsOf(metric: unknown): [string, string][] {
  if (typeof metric !== "object" || metric === null || Array.isArray(metric)) {
    throw new LineError('expected an object of labels under "metric"');
  }
  return Object.entries(metric).map(([name, value]) => {
    if (typeof value !== "string") throw new LineError(`the value of label ${quote(name)} is no text`);
    return [name, value];
  });
}

/** null is how VictoriaMetrics writes the stale marker. */
function toValue(value: unknown): number | undefined {
  if (value === null) return undefined;
  if (typeof value === "number") return value;
  if (value === "NaN") return Number.NaN;
  if (value === "Infinity" || value === "+Inf" || value === "Inf") return Infinity;
  if (value === "-Infinity" || value === "-Inf") return -Infinity;
  throw new LineError(`expected a number among the values, found ${quote(JSON.stringify(value))}`);
}

function toTime(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw new LineError(
    `expected whole milliseconds among the timestamps, found ${quote(JSON.stringify(value))}`,
  );
}
