/** UCUM's units as OpenTelemetry uses them, in Prometheus's words. */

const UNITS: ReadonlyMap<string, string> = new Map([
  ["d", "days"],
  ["h", "hours"],
  ["min", "minutes"],
  ["s", "seconds"],
  ["ms", "milliseconds"],
  ["us", "microseconds"],
  ["ns", "nanoseconds"],
  ["By", "bytes"],
  ["KiBy", "kibibytes"],
  ["MiBy", "mebibytes"],
  ["GiBy", "gibibytes"],
  ["TiBy", "tibibytes"],
  ["KBy", "kilobytes"],
  ["MBy", "megabytes"],
  ["GBy", "gigabytes"],
  ["TBy", "terabytes"],
  ["m", "meters"],
  ["V", "volts"],
  ["A", "amperes"],
  ["J", "joules"],
  ["W", "watts"],
  ["g", "grams"],
  ["Cel", "celsius"],
  ["Hz", "hertz"],
  ["1", ""],
  ["%", "percent"],
]);

/** Behind a stroke a unit is one: meters per second. */
const UNITS_PER: ReadonlyMap<string, string> = new Map([
  ["s", "second"],
  ["m", "minute"],
  ["h", "hour"],
  ["d", "day"],
  ["w", "week"],
  ["mo", "month"],
  ["y", "year"],
]);

export interface UnitWords {
  /** "" where there is none. */
  readonly main: string;
  /** With `per_` before it, or "". */
  readonly per: string;
}

/** The words of a unit. What stands in braces is an annotation and no unit. */
export function unitWords(unit: string): UnitWords {
  const stroke = unit.indexOf("/");
  const main = (stroke < 0 ? unit : unit.slice(0, stroke)).trim();
  const per = stroke < 0 ? "" : unit.slice(stroke + 1).trim();
  return {
    main: isUnit(main) ? (UNITS.get(main) ?? main) : "",
    per: isUnit(per) ? `per_${UNITS_PER.get(per) ?? per}` : "",
  };
}

function isUnit(text: string): boolean {
  return text !== "" && !text.includes("{") && !text.includes("}");
}
