/** Syslog as it is really sent: messages, dates, framing, and what is none of these. */
import { Labels, seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { readSyslogDate } from "./date.ts";
import { SyslogFramer } from "./framer.ts";
import { parseSyslog } from "./message.ts";
import { syslogPush } from "./push.ts";

const NOW_MS = Date.UTC(2026, 10, 21, 8, 0, 0);
const OPTIONS = { nowMs: NOW_MS, isUtc: true };

interface Case {
  readonly sent: string;
  readonly facility?: number;
  readonly severity?: number;
  readonly time?: string;
  readonly host?: string;
  readonly app?: string;
  readonly pid?: string;
  readonly id?: string;
  readonly sd?: readonly string[];
  readonly text: string;
}

const CASES: readonly Case[] = [
  {
    sent: `<165>1 2026-11-21T07:14:15.003123Z web-1 evntslog 12 ID47 [ex@32473 iut="3" q="a \\"b\\" \\] \\\\"][o x="y"] \u{feff}Grüße`,
    facility: 20,
    severity: 5,
    time: "2026-11-21T07:14:15.003123000Z",
    host: "web-1",
    app: "evntslog",
    pid: "12",
    id: "ID47",
    sd: ["sd_ex_32473_iut", "3", "sd_ex_32473_q", 'a "b" ] \\', "sd_o_x", "y"],
    text: "Grüße",
  },
  { sent: "<34>1 - - - - - - plain", facility: 4, severity: 2, text: "plain" },
  { sent: "<34>1 - h a - - -", facility: 4, severity: 2, host: "h", app: "a", text: "" },
  {
    sent: "<0>1 2026-11-21T09:00:00+02:00 h a - - [i] x",
    severity: 0,
    facility: 0,
    time: "2026-11-21T07:00:00.000000000Z",
    host: "h",
    app: "a",
    text: "x",
  },
  // What RFC 3164 found.
  {
    sent: "<34>Nov 21 07:14:15 mymachine su: 'su root' failed on /dev/pts/8",
    facility: 4,
    severity: 2,
    time: "2026-11-21T07:14:15.000000000Z",
    host: "mymachine",
    app: "su",
    text: "'su root' failed on /dev/pts/8",
  },
  {
    sent: "<13>Nov  1 07:14:15 10.1.2.3 cron[712]: started",
    facility: 1,
    severity: 5,
    time: "2026-11-01T07:14:15.000000000Z",
    host: "10.1.2.3",
    app: "cron",
    pid: "712",
    text: "started",
  },
  {
    sent: "<30>Nov 21 07:14:15 systemd[1]: Started.",
    facility: 3,
    severity: 6,
    time: "2026-11-21T07:14:15.000000000Z",
    app: "systemd",
    pid: "1",
    text: "Started.",
  },
  {
    sent: "<30>2026-11-21T07:14:15.5+00:00 host app: x",
    facility: 3,
    severity: 6,
    time: "2026-11-21T07:14:15.500000000Z",
    host: "host",
    app: "app",
    text: "x",
  },
  {
    sent: "<30>Nov 21 07:14:15.123456 h a: x",
    facility: 3,
    severity: 6,
    time: "2026-11-21T07:14:15.123456000Z",
    host: "h",
    app: "a",
    text: "x",
  },
  {
    sent: "<30>Nov 21 07:14:15 h no tag here",
    facility: 3,
    severity: 6,
    time: "2026-11-21T07:14:15.000000000Z",
    host: "h",
    text: "no tag here",
  },
  { sent: "<13>app[9]: no date", app: "app", pid: "9", text: "no date" },
  { sent: "<13>", text: "" },
  // No header is all text.
  { sent: "just a text", text: "just a text" },
  { sent: "<999>x", text: "<999>x" },
  { sent: "<13>1 yesterday h a - - - x", text: "1 yesterday h a - - - x" },
  { sent: '<13>1 - h a - - [broken x="y x', text: '1 - h a - - [broken x="y x' },
  { sent: "<13>Foo 99 07:14:15 h a: x", text: "Foo 99 07:14:15 h a: x" },
];

test.each(CASES)("$sent", ({ sent, facility = 1, severity = 5, time, host, app, pid, id, sd = [], text }) => {
  const message = parseSyslog(Buffer.from(sent), OPTIONS);
  const timeNs = message.timeNs;
  const iso =
    timeNs === undefined
      ? undefined
      : `${new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, -1)}${String(timeNs % 1_000_000n).padStart(6, "0")}Z`;
  expect({ ...message, timeNs: iso, text: Buffer.from(message.text).toString() }).toEqual({
    facility,
    severity,
    timeNs: time,
    hostname: host,
    appName: app,
    processId: pid,
    messageId: id,
    structuredData: sd,
    text,
  });
});

function at(text: string, now: string): string {
  const { timeNs } = readSyslogDate(text, { nowMs: Date.parse(now), isUtc: true })!;
  return new Date(Number(timeNs / 1_000_000n)).toISOString();
}

test("a date's year is the one that is nearest", () => {
  expect(at("Dec 31 23:59:59", "2027-01-01T00:00:05Z")).toBe("2026-12-31T23:59:59.000Z");
  expect(at("Jan  1 00:00:01", "2026-12-31T23:59:59Z")).toBe("2027-01-01T00:00:01.000Z");
  expect(at("Nov 21 07:00:00 2019", "2026-11-21T08:00:00Z")).toBe("2019-11-21T07:00:00.000Z");
});

/** The messages of a stream that comes in these pieces, and how many were too long. */
function frames(pieces: readonly Buffer[], messageBytesMax = 20): { messages: string[]; tooLong: number } {
  const messages: string[] = [];
  let tooLong = 0;
  const framer = new SyslogFramer({
    messageBytesMax,
    onMessage: (message) => messages.push(Buffer.from(message).toString()),
    onTooLong: () => tooLong++,
  });
  for (const piece of pieces) framer.push(piece);
  framer.end();
  return { messages, tooLong };
}

test.each([
  ["5 <1>ab3 <2>", ["<1>ab", "<2>"], 0],
  ["<1>a\n<2>b\r\n\n<3>c", ["<1>a", "<2>b", "<3>c"], 0],
  ["<1>a\0<2>b\0", ["<1>a", "<2>b"], 0],
  ["4 <1>a<2>b\n6 <3>c\nd", ["<1>a", "<2>b", "<3>c\nd"], 0],
  // A number that is no length.
  ["12345678901 x\n", ["12345678901 x"], 0],
  // What is too long is left out, the next is not.
  [`30 ${"x".repeat(30)}4 <1>a`, ["<1>a"], 1],
  [`<${"x".repeat(50)}\n<1>a\n`, ["<1>a"], 1],
  [`<${"x".repeat(50)}`, [], 1],
])("%j is parted however it comes", (text, messages, tooLong) => {
  expect(frames([Buffer.from(text)])).toEqual({ messages, tooLong });
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed);
    const pieces: Buffer[] = [];
    for (let at = 0; at < text.length;) {
      const next = at + 1 + random.below(7);
      pieces.push(Buffer.from(text.slice(at, next)));
      at = next;
    }
    expect(frames(pieces), `seed ${seed}`).toEqual({ messages, tooLong });
  }
});

test("a message is a line of its host, program and facility", () => {
  const message = parseSyslog(Buffer.from("<11>1 - h a 7 M - x"), OPTIONS);
  const push = syslogPush([{ message, timeNs: 5n }], Labels.fromObject({ job: "syslog" }));
  expect(push.streams).toEqual([
    {
      labels: Labels.fromObject({ job: "syslog", hostname: "h", app_name: "a", facility: "user" }),
      timesNs: BigInt64Array.of(5n),
      lines: [Buffer.from("x")],
      metadata: [["severity", "error", "proc_id", "7", "msg_id", "M"]],
    },
  ]);
});
