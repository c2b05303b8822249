/**
 * One message of syslog: RFC 5424, or what RFC 3164 found people to send. Nothing is refused: what has no
 * header is all text.
 */
import { readSyslogDate, type SyslogDateOptions } from "./date.ts";

export interface SyslogMessage {
  /** 0 to 23. */
  readonly facility: number;
  /** 0 (emergency) to 7 (debug). */
  readonly severity: number;
  readonly timeNs: bigint | undefined;
  readonly hostname: string | undefined;
  readonly appName: string | undefined;
  readonly processId: string | undefined;
  readonly messageId: string | undefined;
  /** `sd_<element>_<parameter>` and value, in turn. */
  readonly structuredData: readonly string[];
  /** The text, as it was sent. */
  readonly text: Uint8Array;
}

/** user.notice, as RFC 3164 gives it to a message that says none. */
const PRIORITY_DEFAULT = 13;
const PRIORITY_MAX = 191;
/** Characters of a message within which its header is looked for. */
const HEADER_LENGTH_MAX = 32 * 1024;

export function parseSyslog(message: Uint8Array, options: SyslogDateOptions): SyslogMessage {
  // As Latin-1 each byte is a character, so that places in the text are places in the bytes.
  const head = Buffer.from(message.buffer, message.byteOffset, Math.min(message.length, HEADER_LENGTH_MAX));
  const text = head.toString("latin1");
  const priority = /^<(\d{1,3})>/.exec(text);
  const number = priority === null ? PRIORITY_DEFAULT : Number(priority[1]);
  const isKnown = number <= PRIORITY_MAX;
  const start = priority === null || !isKnown ? 0 : priority[0].length;
  const value = isKnown ? number : PRIORITY_DEFAULT;
  const rest = text.slice(start);
  const parsed = parseRfc5424(rest) ?? parseRfc3164(rest, options);
  return {
    facility: value >> 3,
    severity: value & 7,
    ...parsed.header,
    text: message.subarray(start + parsed.length),
  };
}

interface Parsed {
  readonly header: Omit<SyslogMessage, "facility" | "severity" | "text">;
  /** Characters before the text. */
  readonly length: number;
}

const NIL = "-";
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

/** VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA [SP MSG] */
function parseRfc5424(text: string): Parsed | undefined {
  const match = /^1 (\S+) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,128}) /.exec(text);
  if (match === null) return undefined;
  const [header, time, hostname, appName, processId, messageId] = match;
  const timeNs = time === NIL ? undefined : parseIsoTime(time!);
  if (time !== NIL && timeNs === undefined) return undefined;
  const data = readStructuredData(text, header.length);
  if (data === undefined) return undefined;
  let length = data.end;
  if (text[length] === " ") length++;
  if (text.startsWith(BYTE_ORDER_MARK, length)) length += BYTE_ORDER_MARK.length;
  return {
    header: {
      timeNs,
      hostname: fieldOf(hostname!),
      appName: fieldOf(appName!),
      processId: fieldOf(processId!),
      messageId: fieldOf(messageId!),
      structuredData: data.pairs,
    },
    length,
  };
}

function fieldOf(text: string): string | undefined {
  return text === NIL ? undefined : toUtf8(text);
}

function toUtf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

function readStructuredData(text: string, start: number): { pairs: string[]; end: number } | undefined {
  if (text[start] === NIL) return { pairs: [], end: start + 1 };
  const pairs: string[] = [];
  let at = start;
  while (text[at] === "[") {
    const id = /\[([^\s=\]"]{1,32})/y;
    id.lastIndex = at;
    const element = id.exec(text);
    if (element === null) return undefined;
    at = id.lastIndex;
    const parameter = / +([^\s=\]"]{1,32})="((?:[^"\\\]]|\\[^])*)"/y;
    for (;;) {
      parameter.lastIndex = at;
      const found = parameter.exec(text);
      if (found === null) break;
      at = parameter.lastIndex;
      const value = found[2]!.replaceAll(/\\(["\\\]])/g, "$1");
      pairs.push(`sd_${nameOf(element[1]!)}_${nameOf(found[1]!)}`, toUtf8(value));
    }
    if (text[at] !== "]") return undefined;
    at++;
  }
  return at === start ? undefined : { pairs, end: at };
}

function nameOf(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9_]/g, "_");
}

const ISO_TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})/;

function parseIsoTime(text: string): bigint | undefined {
  const match = ISO_TIME.exec(text);
  const timeMs = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
  if (!Number.isFinite(timeMs)) return undefined;
  return BigInt(timeMs) * 1_000_000n + BigInt((match![2] ?? "").padEnd(9, "0"));
}

/** [DATE SP] [HOSTNAME SP] [TAG[\[PID\]]: ] text, with whatever of it there is. */
function parseRfc3164(text: string, options: SyslogDateOptions): Parsed {
  let at = 0;
  let timeNs: bigint | undefined;
  const date = readSyslogDate(text, options);
  const iso = date === undefined ? ISO_TIME.exec(text) : null;
  if (date !== undefined) {
    timeNs = date.timeNs;
    at = date.length;
  } else if (iso !== null) {
    timeNs = parseIsoTime(iso[0]);
    at = iso[0].length;
  }
  const tag = /^ ?([^\s:[\]]{1,128})(?:\[([^\]\s]{0,128})\])?:(?: |$)/;
  let hostname: string | undefined;
  let named = tag.exec(text.slice(at));
  if (named === null && timeNs !== undefined) {
    // A host stands only behind a date.
    const host = /^ ([^\s:[\]]{1,255}|[0-9a-fA-F:.]{2,45}) /.exec(text.slice(at));
    if (host !== null) {
      hostname = toUtf8(host[1]!);
      at += host[0].length;
      named = tag.exec(text.slice(at));
    }
  }
  if (named !== null) at += named[0].length;
  else if (timeNs !== undefined && text[at] === " ") at++;
  return {
    header: {
      timeNs,
      hostname,
      appName: named === null ? undefined : toUtf8(named[1]!),
      processId: named?.[2],
      messageId: undefined,
      structuredData: [],
    },
    length: at,
  };
}
