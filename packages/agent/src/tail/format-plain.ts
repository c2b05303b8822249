/**
 * Plain text: a line is a line. Its time is the one it begins with (RFC 3339, or the date of classic syslog),
 * or that of a JSON line of ours (`"time":` in Unix ms), or the time it was read.
 *
 * A line without a time right behind one that has one continues it (a stack trace): it takes the time of the
 * first.
 */
import { readSyslogDate } from "@binnacle/wire";
import type { LineDecoder, OnDecoded } from "./line-decoder.ts";
import { parseRfc3339 } from "./rfc3339.ts";
import type { SyslogDates } from "./tail-source.ts";

const CARRIAGE_RETURN = 0x0d;
const BRACE = 0x7b;
/** How long after a line with a time one without it still continues it, in ns of reading. */
const CONTINUATION_NS = 5_000_000_000n;
/** A JSON line's time stands near its start. */
const JSON_HEAD_BYTES = 256;
/** `Oct 11 22:14:15.123456`: longer than any other part of a line that is read as a date. */
const SYSLOG_DATE_BYTES = 27;

export class PlainDecoder implements LineDecoder {
  readonly openOffset = undefined;
  readonly #syslogDates: SyslogDates;
  /** Lines often share their second, so that the last date is remembered. */
  #lastDate = "";
  #lastDateNs: bigint | undefined;
  #lastTimeNs = 0n;
  #lastReadNs = 0n;
  #lastGivenNs = 0n;

  constructor(syslogDates: SyslogDates = "local") {
    this.#syslogDates = syslogDates;
  }

  decode(line: Uint8Array, _startOffset: number, isCut: boolean, nowNs: bigint, onLine: OnDecoded): void {
    const own = timeOf(line) ?? this.#syslogTime(line, nowNs);
    if (own !== undefined) {
      this.#lastTimeNs = own;
      this.#lastReadNs = nowNs;
    }
    const continues =
      own === undefined && this.#lastReadNs > 0n && nowNs - this.#lastReadNs < CONTINUATION_NS;
    const timeNs = own ?? (continues ? this.#lastTimeNs : this.#arrivalNs(nowNs));
    const end = line[line.length - 1] === CARRIAGE_RETURN ? line.length - 1 : line.length;
    onLine({ stream: "", timeNs, line: line.subarray(0, end), isCut, isMalformed: false });
  }

  #syslogTime(line: Uint8Array, nowNs: bigint): bigint | undefined {
    const first = line[0] ?? 0;
    // A month begins with a capital and has a blank behind three letters.
    if (this.#syslogDates === "off" || first < 0x41 || first > 0x53 || line[3] !== 0x20) return undefined;
    const head = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, SYSLOG_DATE_BYTES));
    const text = head.toString("latin1");
    if (text === this.#lastDate) return this.#lastDateNs;
    const nowMs = Number(nowNs / 1_000_000n);
    this.#lastDate = text;
    this.#lastDateNs = readSyslogDate(text, { nowMs, isUtc: this.#syslogDates === "utc" })?.timeNs;
    return this.#lastDateNs;
  }

  flush(): void {
    // Every line was given out when it came.
  }

  /** Lines of one moment stay apart and in order. */
  #arrivalNs(nowNs: bigint): bigint {
    this.#lastGivenNs = nowNs > this.#lastGivenNs ? nowNs : this.#lastGivenNs + 1n;
    return this.#lastGivenNs;
  }
}

function timeOf(line: Uint8Array): bigint | undefined {
  const first = line[0] ?? 0;
  if (first >= 0x30 && first <= 0x39) return leadingRfc3339(line);
  return first === BRACE ? jsonTime(line) : undefined;
}

/** A time up to the first blank, at most 35 bytes long. */
function leadingRfc3339(line: Uint8Array): bigint | undefined {
  const head = line.subarray(0, 36);
  const blank = head.findIndex((byte) => byte <= 0x20);
  const end = blank < 0 ? head.length : blank;
  return parseRfc3339(head, 0, end);
}

function jsonTime(line: Uint8Array): bigint | undefined {
  const head = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, JSON_HEAD_BYTES)).toString(
    "latin1",
  );
  const match = /"time":(\d{12,14})[,}]/.exec(head);
  return match === null ? undefined : BigInt(match[1]!) * 1_000_000n;
}
