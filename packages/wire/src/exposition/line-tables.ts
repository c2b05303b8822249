/** Tables of lines that grow, and the copy of the text they speak of. */
import { ALWAYS_READ, type LineTable } from "@binnacle/kernels";
import { wordsOf } from "@binnacle/model";
import { LINE_FEED } from "./cursor.ts";

/** A table with its own, reused buffers. */
export interface OwnLineTable extends LineTable {
  /** What `text` is a view of. */
  buffer: Uint8Array<ArrayBuffer>;
}

export function emptyTable(): OwnLineTable {
  return {
    buffer: new Uint8Array(0),
    text: new Uint8Array(0),
    lineStarts: new Uint32Array(1),
    prefixLengths: new Uint32Array(0),
    lineCount: 0,
    values: new Float64Array(0),
    times: undefined,
    sampleCount: 0,
  };
}

/** Empties a table and gives it a copy of a text, with a line feed at the end where that was left out. */
export function beginTable(table: OwnLineTable, text: Uint8Array): void {
  if (table.buffer.length < text.length + 1 || table.buffer.length > 4 * text.length + 4096) {
    table.buffer = new Uint8Array(text.length + (text.length >> 3) + 1);
  }
  table.buffer.set(text);
  let { length } = text;
  if (length > 0 && text[length - 1] !== LINE_FEED) table.buffer[length++] = LINE_FEED;
  table.text = table.buffer.subarray(0, length);
  table.lineCount = 0;
  table.sampleCount = 0;
  table.lineStarts[0] = 0;
  table.times = undefined;
}

/** Makes room for that many further lines, each perhaps with a sample. */
export function reserveLines(table: LineTable, lines: number): void {
  const linesNeeded = table.lineCount + lines;
  if (linesNeeded > table.prefixLengths.length) {
    const capacity = Math.max(linesNeeded, 64, 2 * table.lineCount);
    table.lineStarts = grown(table.lineStarts, new Uint32Array(capacity + 1));
    table.prefixLengths = grown(table.prefixLengths, new Uint32Array(capacity));
  }
  const samplesNeeded = table.sampleCount + lines;
  if (samplesNeeded > table.values.length) {
    const capacity = Math.max(samplesNeeded, 64, 2 * table.sampleCount);
    table.values = grown(table.values, new Float64Array(capacity));
    if (table.times !== undefined) {
      table.times = grown(table.times, new Float64Array(capacity).fill(Number.NaN));
    }
  }
}

function grown<T extends Uint32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

export function hasSample(table: LineTable, line: number): boolean {
  const prefixLength = table.prefixLengths[line]!;
  return prefixLength !== 0 && prefixLength !== ALWAYS_READ;
}

/** Appends a line without a sample; `prefixLength` is 0, or ALWAYS_READ. */
export function appendLine(table: LineTable, end: number, prefixLength = 0): void {
  reserveLines(table, 1);
  table.prefixLengths[table.lineCount++] = prefixLength;
  table.lineStarts[table.lineCount] = end;
}

/** Appends a line with a sample; `timeMs` is NaN where it has no time. */
export function appendSample(
  table: LineTable,
  sample: { end: number; prefixLength: number; value: number; timeMs: number },
): void {
  reserveLines(table, 1);
  table.prefixLengths[table.lineCount++] = sample.prefixLength;
  table.lineStarts[table.lineCount] = sample.end;
  if (!Number.isNaN(sample.timeMs)) {
    table.times ??= new Float64Array(table.values.length).fill(Number.NaN);
  }
  if (table.times !== undefined) table.times[table.sampleCount] = sample.timeMs;
  setValue(table.values, table.sampleCount++, sample.value);
}

/** The bits Prometheus gives every NaN that is not a stale marker. */
const NORMAL_NAN_LOW = 1;
const NORMAL_NAN_HIGH = 0x7ff80000;

function setValue(values: Float64Array, i: number, value: number): void {
  values[i] = value;
  if (!Number.isNaN(value)) return;
  const words = wordsOf(values);
  words[2 * i] = NORMAL_NAN_LOW;
  words[2 * i + 1] = NORMAL_NAN_HIGH;
}
