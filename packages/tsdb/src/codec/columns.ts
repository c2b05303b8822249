/**
 * The columns beside the values: times (second differences), which rows a series is in (runs), and start
 * times (runs, since they hardly ever change).
 */
import type { ByteReader, ByteWriter } from "../bytes.ts";

/** Ascending times in whole ms: zigzag first │ zigzag difference │ zigzag second differences …. */
export function encodeTimes(writer: ByteWriter, times: Float64Array): void {
  let previous = 0;
  let delta = 0;
  for (let i = 0; i < times.length; i++) {
    const difference = times[i]! - previous;
    writer.zigzag(difference - delta);
    previous = times[i]!;
    delta = i === 0 ? 0 : difference;
  }
}

export function decodeTimes(reader: ByteReader, count: number): Float64Array {
  const times = new Float64Array(count);
  let previous = 0;
  let delta = 0;
  for (let i = 0; i < count; i++) {
    const difference = delta + reader.zigzag();
    if (i > 0 && difference <= 0) reader.fail("times that do not ascend");
    times[i] = previous += difference;
    delta = i === 0 ? 0 : difference;
  }
  return times;
}

/**
 * Rows a series is in, as lengths of runs: absent, present, absent, …. Returns the number of present ones, or
 * −1 (nothing written) when `times` has one that is no row.
 */
export function encodePresence(writer: ByteWriter, times: Float64Array, rowTimes: Float64Array): number {
  const runs: number[] = [];
  let present = false;
  let length = 0;
  let at = 0;
  for (let row = 0; row < rowTimes.length; row++) {
    const isHere = at < times.length && times[at] === rowTimes[row];
    if (isHere) at++;
    if (isHere !== present) {
      runs.push(length);
      length = 0;
      present = isHere;
    }
    length++;
  }
  runs.push(length);
  if (at !== times.length) return -1;
  writer.varint(runs.length);
  for (const run of runs) writer.varint(run);
  return at;
}

/** Times of the rows a series is in. */
export function decodePresence(reader: ByteReader, rowTimes: Float64Array): Float64Array {
  const runCount = reader.count(rowTimes.length + 1, "runs of presence");
  const times = new Float64Array(rowTimes.length);
  let row = 0;
  let count = 0;
  for (let i = 0; i < runCount; i++) {
    const length = reader.count(rowTimes.length - row, "rows in a run");
    if (i % 2 === 1) {
      times.set(rowTimes.subarray(row, row + length), count);
      count += length;
    }
    row += length;
  }
  return times.subarray(0, count);
}

/** varint runs │ varint length, varint start time … ; 0 runs where none is known. */
export function encodeStartTimes(writer: ByteWriter, startTimes: Float64Array | undefined): void {
  if (startTimes === undefined || startTimes.every((start) => start === 0)) {
    writer.varint(0);
    return;
  }
  const runs: { start: number; length: number }[] = [];
  for (const start of startTimes) {
    const last = runs.at(-1);
    if (last !== undefined && last.start === start) last.length++;
    else runs.push({ start, length: 1 });
  }
  writer.varint(runs.length);
  for (const { start, length } of runs) {
    writer.varint(length);
    writer.zigzag(start);
  }
}

export function decodeStartTimes(reader: ByteReader, count: number): Float64Array | undefined {
  const runCount = reader.count(count, "runs of start times");
  if (runCount === 0) return undefined;
  const startTimes = new Float64Array(count);
  let at = 0;
  for (let i = 0; i < runCount; i++) {
    const length = reader.count(count - at, "start times in a run");
    startTimes.fill(reader.zigzag(), at, at + length);
    at += length;
  }
  return startTimes;
}
