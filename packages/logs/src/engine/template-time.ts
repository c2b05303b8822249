/** Reads times by Go's layouts, in which each element of `2006-01-02 15:04:05` stands for that element. */
import { templateError } from "@binnacle/gotemplate";

const ELEMENTS =
  /2006|January|Monday|-07:00|Z07:00|-0700|MST|\.0+|\.9+|Jan|Mon|01|02|03|04|05|06|15|PM|_2|1|2|3|4|5/g;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** What each element may be written as. */
const WRITTEN: Readonly<Record<string, string>> = {
  "2006": "(\\d{4})",
  "06": "(\\d{2})",
  January: "([A-Za-z]+)",
  Jan: "([A-Za-z]{3})",
  Monday: "([A-Za-z]+)",
  Mon: "([A-Za-z]{3})",
  "-07:00": "([+-]\\d{2}:\\d{2})",
  "-0700": "([+-]\\d{4})",
  "Z07:00": "(Z|[+-]\\d{2}:\\d{2})",
  MST: "([A-Z]{3,4})",
  PM: "([AP]M)",
};

/** Unix ns. Throws BAD_TEMPLATE when the text does not have the layout, or the zone is none. */
export function parseTime(layout: string, text: string, zone: string): bigint {
  const elements: string[] = [];
  let pattern = "^";
  let end = 0;
  for (const match of layout.matchAll(ELEMENTS)) {
    const element = match[0];
    pattern += literal(layout.slice(end, match.index));
    pattern += element.startsWith(".")
      ? "(\\.\\d+)"
      : (WRITTEN[element] ?? (element.length === 1 ? "(\\d{1,2})" : "([ \\d]?\\d)"));
    elements.push(element);
    end = match.index + element.length;
  }
  pattern += `${literal(layout.slice(end))}$`;
  // Made of our own pieces and escaped literals: without nesting, so linear.
  const found = new RegExp(pattern).exec(text);
  if (found === null) {
    throw templateError(`cannot read the time ${JSON.stringify(text)} as ${JSON.stringify(layout)}`);
  }
  return toUnixNs(elements, found.slice(1), zone);
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function toUnixNs(elements: readonly string[], values: readonly string[], zone: string): bigint {
  const parts = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
  let fractionNs = 0n;
  let offsetMs: number | undefined;
  let half: string | undefined;
  elements.forEach((element, i) => {
    const value = values[i]!.trim();
    const number = Number(value);
    if (element === "2006") parts.year = number;
    else if (element === "06") parts.year = number < 69 ? 2000 + number : 1900 + number;
    else if (element === "01" || element === "1") parts.month = number;
    else if (element === "Jan" || element === "January")
      parts.month = MONTHS.indexOf(value.slice(0, 3).toLowerCase()) + 1;
    else if (element === "02" || element === "2" || element === "_2") parts.day = number;
    else if (element === "15" || element === "03" || element === "3") parts.hour = number;
    else if (element === "04" || element === "4") parts.minute = number;
    else if (element === "05" || element === "5") parts.second = number;
    else if (element === "PM") half = value;
    else if (element.startsWith(".")) fractionNs = BigInt(value.slice(1, 10).padEnd(9, "0"));
    else if (/^[-Z]/.test(element)) offsetMs = offsetOf(value);
  });
  if (half === "PM" && parts.hour < 12) parts.hour += 12;
  if (half === "AM" && parts.hour === 12) parts.hour = 0;
  const { year, month, day, hour, minute, second } = parts;
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const unixMs = localMs - (offsetMs ?? zoneOffsetMs(zone, localMs));
  return BigInt(unixMs) * 1_000_000n + fractionNs;
}

function offsetOf(text: string): number {
  if (text === "Z") return 0;
  const digits = text.slice(1).replace(":", "");
  const ms = (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2, 4))) * 60_000;
  return text.startsWith("-") ? -ms : ms;
}

/** How far a zone's clocks are ahead of UTC when they show `localMs`. */
function zoneOffsetMs(zone: string, localMs: number): number {
  if (zone === "UTC" || zone === "") return 0;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    throw templateError(`unknown time zone ${zone}`);
  }
  const shown = (unixMs: number): number => {
    const part = Object.fromEntries(
      format.formatToParts(unixMs).map(({ type, value }) => [type, Number(value)]),
    );
    return Date.UTC(
      part["year"]!,
      part["month"]! - 1,
      part["day"],
      part["hour"],
      part["minute"],
      part["second"],
    );
  };
  const first = shown(localMs) - localMs;
  // Once more at the moment found, since the offset there may differ.
  return shown(localMs - first) - (localMs - first);
}
