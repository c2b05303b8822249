/** `binnacle logstore`: bytes come out as they went in, whatever they are, and damage is named. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBinnacle } from "../support/binnacle.ts";
import { nowNs, postLoki } from "../support/loki-push.ts";
import { repositoryRoot } from "../support/places.ts";
import { temporaryDir } from "../support/process.ts";

const dir = temporaryDir();
const launcher = path.join(repositoryRoot, "node_modules/.bin/binnacle");

function logstore(...args: string[]): { status: number | null; stdout: Buffer; stderr: string } {
  const { status, stdout, stderr } = spawnSync(launcher, ["logstore", ...args], { maxBuffer: 2 ** 28 });
  return { status, stdout, stderr: stderr.toString() };
}

function dumped(data: string, ...args: string[]): Buffer {
  const { status, stdout, stderr } = logstore("dump", "--data", data, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

function imported(source: string, data: string, ...args: string[]): string {
  const { status, stdout, stderr } = logstore("import", source, "--data", data, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.toString();
}

const HOSTILE: readonly Uint8Array[] = [
  "",
  "\0",
  "carriage return\r",
  "two\nlines\n",
  "\u001b[31mred\u001b[0m",
  new Uint8Array([0xff, 0xc3, 0x28, 0x00, 0xed, 0xa0, 0x80]),
  new Uint8Array(1024 * 1024).map((_, i) => (i * 31) & 255),
  "1772366400000000000 5",
  '{"app":"no stream"}',
  "binnacle-logs 1",
  "",
  "same",
  "same",
].map((line) => (typeof line === "string" ? Buffer.from(line) : line));

/** An exact dump by hand: many lines at one time, equal ones among them, and some with metadata. */
function exactDump(): Buffer {
  const pieces: (string | Uint8Array)[] = ["binnacle-logs 1\n"];
  const add = (timeNs: bigint, line: Uint8Array, metadata = ""): void => {
    pieces.push(`${timeNs} ${line.length}${metadata}\n`, line, "\n");
  };
  pieces.push('{"app":"hostile","zone":"é \\"x\\""}\n');
  for (const line of HOSTILE) add(1_772_366_400_000_000_000n, line);
  add(1_772_366_400_000_000_001n, Buffer.from("later"), ' ["trace","é","trace","2"]');
  pieces.push('{"app":"many"}\n');
  for (let i = 0; i < 90_000; i++) add(1_772_366_400_000_000_000n, Buffer.from("the very same line"));
  return Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)));
}

const exact = path.join(dir, "in.dump");
const data = path.join(dir, "data");
beforeAll(() => {
  fs.writeFileSync(exact, exactDump());
  expect(imported(exact, data)).toBe("90014 lines taken, 0 rejected\n");
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

test("an exact dump is what was imported, byte for byte", () => {
  expect(dumped(data).equals(exactDump())).toBe(true);
});

test("lines alone are the bytes and a line feed each", () => {
  const wanted = Buffer.concat(
    [...HOSTILE, Buffer.from("later")].flatMap((line) => [line, Buffer.from("\n")]),
  );
  expect(dumped(data, "--format", "lines", "--match", '{app="hostile"}').equals(wanted)).toBe(true);
  const before = dumped(data, "--format", "lines", "--match", '{app="hostile"}', "--max-time", "1772366399");
  expect(before.length).toBe(0);
});

test("a dump as JSON lines makes the same store", () => {
  const json = path.join(dir, "in.json");
  fs.writeFileSync(json, dumped(data, "--format", "json"));
  const again = path.join(dir, "again");
  expect(imported(json, again)).toBe("90014 lines taken, 0 rejected\n");
  expect(dumped(again).equals(exactDump())).toBe(true);
});

test("plain text and documents become lines", () => {
  const text = path.join(dir, "in.txt");
  fs.writeFileSync(
    text,
    Buffer.concat([Buffer.from("a\r\n\n"), new Uint8Array([0xff, 10]), Buffer.from("last")]),
  );
  const target = path.join(dir, "text");
  expect(imported(text, target, "--label", "app=x", "--label", "env=a=b")).toContain("4 lines taken");
  const documents = path.join(dir, "documents.json");
  const document = { ts: "2026-03-01T12:00:00Z", text: "hello", app: "y", code: 7 };
  fs.writeFileSync(documents, `${JSON.stringify(document)}\n{"ts": nothing\n`);
  const flags = ["--stream-fields", "app", "--time-field", "ts", "--line-field", "text"];
  expect(imported(documents, target, ...flags)).toMatch(/^1 lines taken, 1 rejected; the first: .*not JSON/s);
  const ofText = dumped(target, "--format", "lines", "--match", '{app="x",env="a=b"}');
  expect(ofText.equals(Buffer.concat([fs.readFileSync(text), Buffer.from("\n")]))).toBe(true);
  const ofDocuments = dumped(target, "--match", '{app="y"}').toString();
  expect(ofDocuments).toContain("1772366400000000000 5");
  expect(ofDocuments).toContain("\nhello\n");
});

test.for([
  ["a length that is too short", '{"a":"b"}\n1 2\nabc\n', "no line feed after 2 bytes"],
  ["a file cut short", '{"a":"b"}\n1 20\nabc\n', "20 bytes and a line feed expected"],
  ["a line without a stream", "1 1\na\n", "before its stream"],
  ["no line", '{"a":"b"}\nwhat\n', "expected a stream or the time"],
  ["labels that are none", '{"a":1}\n', "no object of texts"],
  ["metadata that are none", '{"a":"b"}\n1 1 ["x"]\na\n', "names and values"],
] as const)("%s is refused with its place", ([name, text, message]) => {
  const source = path.join(dir, "bad.dump");
  fs.writeFileSync(source, `binnacle-logs 1\n${text}`);
  const { status, stderr } = logstore("import", source, "--data", path.join(dir, `bad ${name}`));
  expect(status).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/bad\.dump at byte \d+/);
});

test("analyze says what takes the room", () => {
  const { status, stdout } = logstore("analyze", "--data", data, "--limit", "2");
  expect(status).toBe(0);
  const text = stdout.toString();
  expect(text).toMatch(
    /^streams +2\nlines +90014\nbytes of lines +2\d{6}\nparts +1, \d+ bytes, [\d.]+ : 1\n/,
  );
  expect(text).toContain('1620000  {app="many"}');
  expect(text).toContain("90014  2026-03-01");
});

test("verify names what is damaged, and the exit code says so", () => {
  expect(logstore("verify", "--data", data)).toMatchObject({ status: 0 });
  const broken = path.join(dir, "broken");
  fs.cpSync(data, broken, { recursive: true });
  const day = path.join(broken, "logs", "parts", "2026-03-01");
  const part = path.join(day, fs.readdirSync(day)[0]!);
  const bytes = fs.readFileSync(part);
  bytes[100]! ^= 1;
  fs.writeFileSync(part, bytes);
  const { status, stdout } = logstore("verify", "--data", broken);
  expect(status).toBe(1);
  expect(stdout.toString()).toMatch(/part is damaged: the checksum of its page at byte \d+ is wrong/);
  expect(stdout.toString()).toMatch(/\d files, \d+ lines, 1 files damaged\n$/);
  expect(logstore("verify", "--data", path.join(dir, "nowhere"))).toMatchObject({ status: 1 });
});

test("what a server took is dumped, unless the server still runs", async () => {
  const binnacle = await startBinnacle({ mode: "serve" });
  try {
    const values = ["sealed", "later"].map((line, i) => [nowNs(i), line] as const);
    await postLoki(binnacle.url, [{ stream: { app: "z" }, values }]);
    expect(logstore("dump", "--data", binnacle.dataDir).status).not.toBe(0);
    await binnacle.process.stop();
    const lines = dumped(binnacle.dataDir, "--format", "lines", "--match", '{app="z"}').toString();
    expect(lines).toBe("sealed\nlater\n");
  } finally {
    await binnacle.stop();
  }
});
