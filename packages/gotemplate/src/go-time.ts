/**
 * Times and durations as Go prints them. Times are in UTC.
 *
 * Go's layouts spell a reference time, `2006-01-02 15:04:05`: each element of it in a layout stands for that
 * element.
 */
import { fn, record, type GoRecord } from "./values.ts";

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

// Longer elements first: 2006 before 2, 01 before 1.
const ELEMENT =
  /2006|January|Monday|-07:00|Z07:00|-0700|Z0700|MST|002|[.,]0+(?!\d)|[.,]9+(?!\d)|Jan|Mon|01|02|03|04|05|06|15|PM|pm|-07|_2|1|2|3|4|5/g;

/** A time by one of Go's layouts. `timeNs` is Unix nanoseconds. */
export function formatTime(timeNs: bigint, layout: string): string {
  const date = new Date(Number(floorDivide(timeNs, 1_000_000n)));
  if (Number.isNaN(date.getTime())) return "<time out of range>";
  const nanoseconds = timeNs - floorDivide(timeNs, 1_000_000_000n) * 1_000_000_000n;
  return layout.replace(ELEMENT, (element) => formatElement(date, nanoseconds, element));
}

function formatElement(date: Date, nanoseconds: bigint, element: string): string {
  const hour12 = date.getUTCHours() % 12 || 12;
  switch (element) {
    case "2006":
      return pad(date.getUTCFullYear(), 4);
    case "06":
      return pad(date.getUTCFullYear() % 100, 2);
    case "January":
      return MONTHS[date.getUTCMonth()]!;
    case "Jan":
      return MONTHS[date.getUTCMonth()]!.slice(0, 3);
    case "01":
      return pad(date.getUTCMonth() + 1, 2);
    case "1":
      return String(date.getUTCMonth() + 1);
    case "Monday":
      return DAYS[date.getUTCDay()]!;
    case "Mon":
      return DAYS[date.getUTCDay()]!.slice(0, 3);
    case "002":
      return pad(dayOfYear(date), 3);
    case "02":
      return pad(date.getUTCDate(), 2);
    case "_2":
      return String(date.getUTCDate()).padStart(2);
    case "2":
      return String(date.getUTCDate());
    case "15":
      return pad(date.getUTCHours(), 2);
    case "03":
      return pad(hour12, 2);
    case "3":
      return String(hour12);
    case "04":
      return pad(date.getUTCMinutes(), 2);
    case "4":
      return String(date.getUTCMinutes());
    case "05":
      return pad(date.getUTCSeconds(), 2);
    case "5":
      return String(date.getUTCSeconds());
    case "PM":
      return date.getUTCHours() < 12 ? "AM" : "PM";
    case "pm":
      return date.getUTCHours() < 12 ? "am" : "pm";
    case "MST":
      return "UTC";
    case "-07:00":
      return "+00:00";
    case "-0700":
      return "+0000";
    case "-07":
      return "+00";
    case "Z07:00":
    case "Z0700":
      return "Z";
    default:
      return fraction(nanoseconds, element);
  }
}

/** `.000` writes that many digits, `.999` leaves out trailing zeros. */
function fraction(nanoseconds: bigint, element: string): string {
  const digits = String(nanoseconds)
    .padStart(9, "0")
    .slice(0, element.length - 1)
    .padEnd(element.length - 1, "0");
  const kept = element[1] === "9" ? digits.replace(/0+$/, "") : digits;
  return kept === "" ? "" : element[0] + kept;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start) / 86_400_000) + 1;
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}

/** As Go prints a time: `2015-07-01 00:00:00 +0000 UTC`. */
export function timeText(timeNs: bigint): string {
  return formatTime(timeNs, "2006-01-02 15:04:05.999999999 -0700 MST");
}

function int(value: number): bigint {
  return Number.isNaN(value) ? 0n : BigInt(value);
}

/** A time.Time for templates: prints as Go's, and has the methods that templates use. */
export function timeValue(timeNs: bigint): GoRecord {
  const date = new Date(Number(floorDivide(timeNs, 1_000_000n)));
  return record({
    String: fn([], () => timeText(timeNs)),
    Format: fn(["string"], (layout) => formatTime(timeNs, layout)),
    Unix: fn([], () => floorDivide(timeNs, 1_000_000_000n)),
    UnixMilli: fn([], () => floorDivide(timeNs, 1_000_000n)),
    UnixNano: fn([], () => timeNs),
    UTC: fn([], () => timeValue(timeNs)),
    Year: fn([], () => int(date.getUTCFullYear())),
    Day: fn([], () => int(date.getUTCDate())),
    YearDay: fn([], () => int(dayOfYear(date))),
    Hour: fn([], () => int(date.getUTCHours())),
    Minute: fn([], () => int(date.getUTCMinutes())),
    Second: fn([], () => int(date.getUTCSeconds())),
    Month: fn([], () => MONTHS[date.getUTCMonth()] ?? ""),
    Weekday: fn([], () => DAYS[date.getUTCDay()] ?? ""),
  });
}

/** A duration as Go prints one: `1h30m0s`, `1.5s`, `2ms`. */
export function durationText(durationNs: bigint): string {
  if (durationNs === 0n) return "0s";
  const sign = durationNs < 0n ? "-" : "";
  const ns = durationNs < 0n ? -durationNs : durationNs;
  if (ns < 1_000n) return `${sign}${ns}ns`;
  if (ns < 1_000_000n) return `${sign}${decimal(ns, 3)}µs`;
  if (ns < 1_000_000_000n) return `${sign}${decimal(ns, 6)}ms`;
  const minutes = ns / 60_000_000_000n;
  const seconds = `${decimal(ns % 60_000_000_000n, 9)}s`;
  if (minutes === 0n) return sign + seconds;
  const hours = minutes / 60n;
  return `${sign}${hours > 0n ? `${hours}h` : ""}${minutes % 60n}m${seconds}`;
}

/** value / 10^places without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = String(value).padStart(places + 1, "0");
  const rest = digits.slice(-places).replace(/0+$/, "");
  return digits.slice(0, -places) + (rest === "" ? "" : `.${rest}`);
}

/** A time.Duration for templates. */
export function durationValue(durationNs: bigint): GoRecord {
  return record({
    String: fn([], () => durationText(durationNs)),
    Seconds: fn([], () => Number(durationNs) / 1e9),
    Minutes: fn([], () => Number(durationNs) / 60e9),
    Hours: fn([], () => Number(durationNs) / 3600e9),
    Milliseconds: fn([], () => durationNs / 1_000_000n),
    Nanoseconds: fn([], () => durationNs),
  });
}
