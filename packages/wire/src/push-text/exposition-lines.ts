/** Prometheus's text format as a push: line by line, so that one bad line does not cost the others. */
import { BinnacleError } from "@binnacle/model";
import { LineCursor } from "../exposition/cursor.ts";
import { Line, readLine } from "../exposition/line.ts";
import { MetadataTable } from "../exposition/metadata.ts";
import { readSeries } from "../exposition/series.ts";
import { PUSH_LINES_MAX } from "../limits.ts";
import { type MetricPush, MetricPushBuilder } from "../push/metric-push.ts";
import type { PushTextOptions } from "./options.ts";

/** Bad lines are left out and named with line and column. */
export function decodeExpositionLines(body: Uint8Array, options: PushTextOptions): MetricPush {
  const push = new MetricPushBuilder();
  const metadata = new MetadataTable();
  const cursor = new LineCursor(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  const line = new Line();
  const extra = Object.fromEntries(options.extraLabels);
  for (let start = 0, number = 1; start < body.length; number++) {
    if (number > PUSH_LINES_MAX) {
      throw new BinnacleError(
        "LIMIT_EXCEEDED",
        `over ${PUSH_LINES_MAX} lines (PUSH_LINES_MAX): send them in parts`,
      );
    }
    cursor.moveTo(start, number);
    start = cursor.next;
    if (cursor.end > cursor.start && body[cursor.end - 1] === 0x0d) cursor.end--;
    try {
      readLine(cursor, "text", line);
      if (line.comment !== undefined) metadata.note(line.comment);
      if (line.kind !== "sample") continue;
      cursor.at = line.seriesStart;
      const labels = readSeries(cursor);
      if (cursor.at !== line.seriesEnd) cursor.fail("a value");
      const series = push.series(options.extraLabels.length === 0 ? labels : labels.with(extra));
      push.addSample(series, line.value, { timeMs: Number.isNaN(line.timeMs) ? options.nowMs : line.timeMs });
    } catch (error) {
      if (!(error instanceof BinnacleError) || error.code !== "BAD_EXPOSITION") throw error;
      push.refuse(error.message);
    }
  }
  for (const described of metadata.takeChanged()) push.describe(described);
  return push.finish();
}
