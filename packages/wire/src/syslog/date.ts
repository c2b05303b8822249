/** The date of classic syslog, `Oct 11 22:14:15`, which says neither year nor zone. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DATE = /^([A-Z][a-z]{2}) ([ \d]?\d) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?(?: (\d{4}))?/;

export interface SyslogDateOptions {
  /** Year and zone are chosen so that the date is near to it. */
  readonly nowMs: number;
  /** Whether it is UTC's; else this machine's zone. */
  readonly isUtc: boolean;
}

export interface SyslogDate {
  readonly timeNs: bigint;
  /** Characters it takes at the text's beginning. */
  readonly length: number;
}

/** Undefined where the text begins with none. */
export function readSyslogDate(text: string, { nowMs, isUtc }: SyslogDateOptions): SyslogDate | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [whole, monthName, day, hour, minute, second, fraction = "", yearText] = match;
  const month = MONTHS.indexOf(monthName!);
  if (month < 0 || Number(day) < 1 || Number(day) > 31 || Number(hour) > 23 || Number(minute) > 59)
    return undefined;
  const at = (year: number): number => {
    const parts = [year, month, Number(day), Number(hour), Number(minute), Number(second)] as const;
    return isUtc ? Date.UTC(...parts) : new Date(...parts).getTime();
  };
  const timeMs = yearText === undefined ? nearest(at, nowMs) : at(Number(yearText));
  const timeNs = BigInt(timeMs) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
  return { timeNs, length: whole.length };
}

/** Around New Year a date may be of the year before, or by a clock that is ahead of the next. */
function nearest(at: (year: number) => number, nowMs: number): number {
  const year = new Date(nowMs).getUTCFullYear();
  const times = [at(year), at(year - 1), at(year + 1)];
  return times.reduce((best, time) => (Math.abs(time - nowMs) < Math.abs(best - nowMs) ? time : best));
}
