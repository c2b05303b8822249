/** Physical lines of each format → lines of streams. */
import { expect, test } from "vitest";
import { LOG_LINE_BYTES_MAX } from "../limits.ts";
import { CriDecoder } from "./format-cri.ts";
import { DockerDecoder } from "./format-docker.ts";
import { PlainDecoder } from "./format-plain.ts";
import type { DecodedLine, LineDecoder } from "./line-decoder.ts";

const NOW = 1_000_000_000_000n;
const T = "2016-10-06T00:17:09.669794202Z";
const T_NS = 1_475_713_029_669_794_202n;

function decode(
  decoder: LineDecoder,
  lines: readonly (string | Buffer)[],
  options: { flush?: boolean } = {},
) {
  const decoded: { stream: string; timeNs: bigint; line: Buffer; isCut: boolean; isMalformed: boolean }[] =
    [];
  const onLine = (line: DecodedLine): void => void decoded.push({ ...line, line: Buffer.from(line.line) });
  let offset = 0;
  for (const line of lines) {
    const bytes = Buffer.from(line);
    decoder.decode(bytes, offset, false, NOW, onLine);
    offset += bytes.length + 1;
  }
  if (options.flush === true) decoder.flush(onLine);
  return decoded;
}

const texts = (decoder: LineDecoder, lines: readonly string[], flush = false): string[] =>
  decode(decoder, lines, { flush }).map(({ stream, line }) => `${stream}|${line.toString()}`);

test.each<[string, string[], string[]]>([
  ["whole lines", [`${T} stdout F a b`, `${T} stderr F `], ["stdout|a b", "stderr|"]],
  ["further tags are ignored", [`${T} stdout F:x:y a`], ["stdout|a"]],
  [
    "parts are joined by stream",
    [`${T} stdout P a`, `${T} stderr P x`, `${T} stdout F b`, `${T} stderr F y`],
    ["stdout|ab", "stderr|xy"],
  ],
  ["an empty last part", [`${T} stdout P a`, `${T} stdout F `], ["stdout|a"]],
  ["an offset of local time", ["2016-10-05T19:17:09.669794202-05:00 stdout F a"], ["stdout|a"]],
])("CRI: %s", (_name, lines, expected) => {
  expect(texts(new CriDecoder(), lines)).toEqual(expected);
});

test("CRI: a part without an end is given out by a flush, with the time it began", () => {
  const decoder = new CriDecoder();
  const later = T.replace("09.", "10.");
  expect(decode(decoder, [`${T} stdout P a`, `${later} stdout P b`])).toEqual([]);
  expect(decoder.openOffset).toBe(0);
  const decoded = decode(decoder, [], { flush: true });
  expect(decoded).toMatchObject([{ stream: "stdout", timeNs: T_NS }]);
  expect(decoded[0]!.line.toString()).toBe("ab");
  expect(decoder.openOffset).toBeUndefined();
});

test("CRI: a character cut between two parts is whole again, and bytes that are no text stay", () => {
  const euro = Buffer.from("€");
  const lines = [
    Buffer.concat([Buffer.from(`${T} stdout P `), euro.subarray(0, 1)]),
    Buffer.concat([Buffer.from(`${T} stdout F `), euro.subarray(1), Buffer.from([0xff, 0])]),
  ];
  const [decoded] = decode(new CriDecoder(), lines);
  expect(decoded!.line).toEqual(Buffer.concat([euro, Buffer.from([0xff, 0])]));
});

test.each([
  "",
  "plain words without a time",
  `${T} stdin F a`,
  `${T} stdout X a`,
  `${T} stdout F`,
  `${T} stdout`,
  `yesterday stdout F a`,
  `${T} stdoutF a`,
])("CRI: %j is passed on as it stands", (line) => {
  expect(decode(new CriDecoder(), [line])).toMatchObject([{ stream: "", isMalformed: true, timeNs: NOW }]);
  expect(texts(new CriDecoder(), [line])).toEqual([`|${line}`]);
});

test("CRI: a line of many parts is cut at the limit, and said to be", () => {
  const part = "x".repeat(16_384);
  const lines = Array.from({ length: 40 }, () => `${T} stdout P ${part}`);
  const decoded = decode(new CriDecoder(), [...lines, `${T} stdout F end`, `${T} stdout F next`]);
  expect(decoded.map(({ line, isCut }) => [line.length, isCut])).toEqual([
    [LOG_LINE_BYTES_MAX, true],
    [4, false],
  ]);
});

const docker = (log: string, stream = "stdout"): string =>
  JSON.stringify({ log, stream, time: T, extra: { a: 1 } });

test.each<[string, string[], string[]]>([
  ["whole lines", [docker("a\n"), docker("\n", "stderr")], ["stdout|a", "stderr|"]],
  [
    "parts are joined by stream",
    [docker("a"), docker("x", "stderr"), docker("b\n"), docker("y\n", "stderr")],
    ["stdout|ab", "stderr|xy"],
  ],
  ["no object", ["{", "null", '{"log":1,"time":""}'], ["|{", "|null", '|{"log":1,"time":""}']],
])("Docker: %s", (_name, lines, expected) => {
  expect(texts(new DockerDecoder(), lines)).toEqual(expected);
});

test("Docker: the last line of a container may have no end", () => {
  expect(texts(new DockerDecoder(), [docker("a"), docker("b")], true)).toEqual(["stdout|ab"]);
});

test("plain: the date of classic syslog, as it is configured", () => {
  const lines = ["Jan 12 13:46:40 web-1 cron[7]: a", "Jan 12 13:46:40 web-1 cron[7]: b", "  more", "Mayday"];
  const atNs = BigInt(Date.UTC(1970, 0, 12, 13, 46, 40)) * 1_000_000n;
  expect(decode(new PlainDecoder("utc"), lines).map(({ timeNs }) => timeNs)).toEqual([
    atNs,
    atNs,
    atNs,
    atNs,
  ]);
  const localNs = BigInt(new Date(1970, 0, 12, 13, 46, 40).getTime()) * 1_000_000n;
  expect(decode(new PlainDecoder(), lines.slice(0, 1))[0]!.timeNs).toBe(localNs);
  expect(decode(new PlainDecoder("off"), lines).map(({ timeNs }) => timeNs)).toEqual([
    NOW,
    NOW + 1n,
    NOW + 2n,
    NOW + 3n,
  ]);
});

test("plain: a line's own time, then that of the line it continues, else the time of reading", () => {
  const lines = [`${T} started`, "  at line 2", '{"level":30,"time":1700000000123,"msg":"x"}', "ends\r"];
  expect(decode(new PlainDecoder(), lines).map(({ timeNs }) => timeNs)).toEqual([
    T_NS,
    T_NS,
    1_700_000_000_123_000_000n,
    1_700_000_000_123_000_000n,
  ]);
  const untimed = decode(new PlainDecoder(), ["a", "b\r", "2 apples"]);
  expect(untimed.map(({ timeNs }) => timeNs)).toEqual([NOW, NOW + 1n, NOW + 2n]);
  expect(untimed.map(({ line }) => line.toString())).toEqual(["a", "b", "2 apples"]);
});
