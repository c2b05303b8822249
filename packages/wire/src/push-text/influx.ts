/**
 * InfluxDB's line protocol: https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
 *
 *     cpu,host=a usage_user=1.5,usage_system=2i 1700000000000000000
 *
 * Each field that is a number or true or false becomes a series named after measurement and field; a text has
 * no place among metrics and is passed over.
 */
import { METRIC_NAME } from "@binnacle/model";
import { type MetricPush, MetricPushBuilder } from "../push/metric-push.ts";
import { eachLine, LineError, quote, seriesLabels } from "./lines.ts";
import type { PushTextOptions } from "./options.ts";

/** Units of times, by the names that senders use, in ms. */
const PRECISIONS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["n", 1e-6],
  ["us", 1e-3],
  ["u", 1e-3],
  ["µ", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

export interface InfluxOptions extends PushTextOptions {
  /** The unit of times; nanoseconds unless it is given. */
  readonly precision: string | undefined;
}

export const INFLUX_PRECISIONS: readonly string[] = [...PRECISIONS.keys()];

/** Bad lines are left out and named. `precision` must be one of INFLUX_PRECISIONS. */
export function decodeInflux(body: Uint8Array, options: InfluxOptions): MetricPush {
  const push = new MetricPushBuilder();
  const unitMs = PRECISIONS.get(options.precision ?? "ns") ?? 1e-6;
  eachLine(body, push, (line) => {
    if (line.startsWith("#") || line.trim() === "") return;
    const { measurement, tags, fields, time } = readLine(line);
    const timeMs = time === undefined ? options.nowMs : toMs(time, unitMs);
    // All of a line is read before any of it is taken.
    const samples = fields.map(([field, value]) => {
      const name: [string, string] = [METRIC_NAME, `${measurement}_${field}`];
      return { labels: seriesLabels([...tags, name, ...options.extraLabels]), value };
    });
    for (const { labels, value } of samples) push.addSample(push.series(labels), value, { timeMs });
  });
  return push.finish();
}

interface InfluxLine {
  readonly measurement: string;
  readonly tags: readonly [string, string][];
  /** Those that are numbers. */
  readonly fields: readonly [string, number][];
  readonly time: string | undefined;
}

function readLine(line: string): InfluxLine {
  let at = 0;
  const part = (stops: string, what: string): string => {
    let text = "";
    const from = at;
    for (; at < line.length; at++) {
      const sign = line[at]!;
      const next = line[at + 1];
      if (sign === "\\" && next !== undefined && ",= \\".includes(next)) {
        text += next;
        at++;
      } else if (stops.includes(sign)) break;
      else text += sign;
    }
    if (text === "")
      throw new LineError(`expected ${what} at column ${from + 1}, found ${quote(line.slice(from))}`);
    return text;
  };
  const expect = (sign: string, where: string): void => {
    if (line[at] !== sign) {
      throw new LineError(
        `expected ${quote(sign)} ${where} at column ${at + 1}, found ${quote(line.slice(at))}`,
      );
    }
    at++;
  };

  const measurement = part(", ", "a measurement");
  const tags: [string, string][] = [];
  while (line[at] === ",") {
    at++;
    const key = part("=, ", "a tag's name");
    expect("=", "behind a tag's name");
    // Some senders write a tag without a value, which is the same as none.
    tags.push([key, line[at] === "," || line[at] === " " ? "" : part(", ", "a tag's value")]);
  }
  expect(" ", "before the fields");
  const fields: [string, number][] = [];
  do {
    if (line[at] === ",") at++;
    const key = part("=, ", "a field's name");
    expect("=", "behind a field's name");
    if (line[at] === '"') at = endOfText(line, at);
    else fields.push([key, toNumber(part(", ", "a field's value"))]);
  } while (line[at] === ",");
  const time = line.slice(at).trim();
  if (line[at] !== undefined && line[at] !== " ") expect(" ", "before the time");
  return { measurement, tags, fields, time: time === "" ? undefined : time };
}

/** Where the text that begins at a quote is over. */
function endOfText(line: string, opening: number): number {
  for (let at = opening + 1; at < line.length; at++) {
    if (line[at] === "\\") at++;
    else if (line[at] === '"') return at + 1;
  }
  throw new LineError(`the text at column ${opening + 1} has no closing quote`);
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const WHOLE = /^[+-]?\d+[iu]$/;

function toNumber(text: string): number {
  if (NUMBER.test(text)) return Number(text);
  if (WHOLE.test(text)) return Number(text.slice(0, -1));
  if (/^(?:t|T|true|True|TRUE)$/.test(text)) return 1;
  if (/^(?:f|F|false|False|FALSE)$/.test(text)) return 0;
  throw new LineError(
    `a field's value ${quote(text)} is no number, no text in quotes and neither true nor false`,
  );
}

function toMs(text: string, unitMs: number): number {
  if (!/^-?\d{1,19}$/.test(text)) throw new LineError(`the time ${quote(text)} is not a whole number`);
  // Nanoseconds are past what a double holds exactly: whole milliseconds are cut from all their digits.
  const ms = unitMs >= 1 ? Number(text) * unitMs : Number(BigInt(text) / BigInt(Math.round(1 / unitMs)));
  if (!Number.isSafeInteger(ms)) throw new LineError(`the time ${quote(text)} is out of range`);
  return ms;
}
