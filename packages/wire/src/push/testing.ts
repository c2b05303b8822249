/**
 * How tests write a push down: a sample a line, as the exposition format has it, histograms by their buckets.
 */
import { isStaleAt, wordsOf } from "@binnacle/model";
import type { MetricPush } from "./metric-push.ts";

/** Sorted lines: `name{label="x"} value @ time from start`. */
export function linesOf(push: MetricPush): string[] {
  const lines: string[] = [];
  const words = wordsOf(push.sampleValues);
  for (const [i, labels] of push.labels.entries()) {
    for (let s = push.sampleOffsets[i]!; s < push.sampleOffsets[i + 1]!; s++) {
      const value = isStaleAt(words, s) ? "stale" : String(push.sampleValues[s]);
      lines.push(
        `${labels.toString()} ${value} ${times(push.sampleTimes[s]!, push.sampleStartTimes?.[s] ?? 0)}`,
      );
    }
  }
  for (const { series, timeMs, startTimeMs, value } of push.histograms) {
    const { schema, count, sum, positiveSpans, positiveCounts, negativeSpans, negativeCounts } = value;
    const side = (spans: typeof positiveSpans, counts: Float64Array): string =>
      `${spans.map(({ offset, length }) => `${offset}+${length}`).join(" ")} [${[...counts].join(" ")}]`;
    lines.push(
      `${push.labels[series]!.toString()} {schema ${schema}, count ${count}, sum ${sum}, zero ${value.zeroCount}, ` +
        `positive ${side(positiveSpans, positiveCounts)}, negative ${side(negativeSpans, negativeCounts)}` +
        `${value.customBounds === undefined ? "" : `, bounds ${[...value.customBounds].join(" ")}`}} ` +
        times(timeMs, startTimeMs),
    );
  }
  return lines.sort();
}

function times(timeMs: number, startTimeMs: number): string {
  return `@ ${timeMs}${startTimeMs === 0 ? "" : ` from ${startTimeMs}`}`;
}
