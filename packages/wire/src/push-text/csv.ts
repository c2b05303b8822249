/** CSV, as RFC 4180 has it but for line feeds within quotes: a line is a line. */
import { METRIC_NAME } from "@binnacle/model";
import { parseFloatText } from "../exposition/float.ts";
import { type MetricPush, MetricPushBuilder } from "../push/metric-push.ts";
import { type CsvColumn, type CsvTime } from "./csv-format.ts";
import { eachLine, LineError, quote, seriesLabels } from "./lines.ts";
import type { PushTextOptions } from "./options.ts";

/** Bad lines are left out and named. A metric's column that is empty is passed over. */
export function decodeCsv(
  body: Uint8Array,
  columns: readonly CsvColumn[],
  options: PushTextOptions,
): MetricPush {
  const push = new MetricPushBuilder();
  eachLine(body, push, (line) => {
    const cells = readCells(line);
    const labels: [string, string][] = [];
    const samples: { name: string; value: number }[] = [];
    let timeMs = options.nowMs;
    for (const column of columns) {
      const cell = cells[column.index];
      if (cell === undefined) {
        throw new LineError(`there is no column ${column.index + 1}: the line has ${cells.length}`);
      }
      if (column.kind === "label") labels.push([column.name, cell]);
      else if (column.kind === "time") timeMs = toTime(cell, column.time);
      else if (cell !== "") samples.push({ name: column.name, value: toNumber(cell, column.index) });
    }
    const all = samples.map(({ name, value }) => ({
      labels: seriesLabels([...labels, [METRIC_NAME, name], ...options.extraLabels]),
      value,
    }));
    for (const sample of all) push.addSample(push.series(sample.labels), sample.value, { timeMs });
  });
  return push.finish();
}

function readCells(line: string): string[] {
  const cells: string[] = [];
  for (let at = 0; ; at++) {
    if (line[at] === '"') {
      let cell = "";
      for (at++; line[at] !== '"' || line[at + 1] === '"'; at++) {
        if (at >= line.length) throw new LineError(`column ${cells.length + 1} has no closing quote`);
        cell += line[at]!;
        // A quote within quotes is written twice.
        if (line[at] === '"') at++;
      }
      at++;
      cells.push(cell);
      if (at < line.length && line[at] !== ",") {
        throw new LineError(`column ${cells.length} has text behind its closing quote`);
      }
    } else {
      const comma = line.indexOf(",", at);
      const end = comma < 0 ? line.length : comma;
      cells.push(line.slice(at, end));
      at = end;
    }
    if (at >= line.length) return cells;
  }
}

function toNumber(cell: string, index: number): number {
  const value = parseFloatText(cell.trim());
  if (value === undefined) throw new LineError(`column ${index + 1}: ${quote(cell)} is no number`);
  return value;
}

const MS: Readonly<Record<Exclude<CsvTime, "rfc3339">, (text: string) => number>> = {
  unix_s: (text) => Math.round(Number(text) * 1000),
  unix_ms: Number,
  unix_ns: (text) => Number(BigInt(text) / 1_000_000n),
};

function toTime(cell: string, kind: CsvTime): number {
  const text = cell.trim();
  const isDate = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/.test(text);
  const isNumber = kind === "unix_s" ? /^-?\d{1,15}(?:\.\d+)?$/ : /^-?\d{1,19}$/;
  const ms =
    kind === "rfc3339"
      ? isDate
        ? Date.parse(text)
        : Number.NaN
      : isNumber.test(text)
        ? MS[kind](text)
        : Number.NaN;
  if (!Number.isSafeInteger(ms)) throw new LineError(`the time ${quote(cell)} is not of the kind ${kind}`);
  return ms;
}
