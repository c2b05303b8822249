/** Syslog through real sockets: by hand, byte by byte, and from util-linux's logger where it is installed. */
import { execFile } from "node:child_process";
import dgram from "node:dgram";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEST_CERTIFICATE, TEST_KEY } from "../../packages/agent/src/testing/certificate.ts";
import { logql } from "../support/ask.ts";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { freePort, temporaryDir, waitFor } from "../support/process.ts";

const folder = temporaryDir();
let binnacle: RunningBinnacle;
let ports: { tcp: number; udp: number; tls: number; small: number };

beforeAll(async () => {
  ports = { tcp: await freePort(), udp: await freePort(), tls: await freePort(), small: await freePort() };
  fs.writeFileSync(path.join(folder, "cert.pem"), TEST_CERTIFICATE);
  fs.writeFileSync(path.join(folder, "key.pem"), TEST_KEY);
  binnacle = await startBinnacle({
    mode: "serve",
    config: `binnacle:
  syslog:
    - {listen: "127.0.0.1:${ports.tcp}", timezone: utc}
    - {listen: "127.0.0.1:${ports.udp}", protocol: udp, labels: {job: net}}
    - listen: "127.0.0.1:${ports.tls}"
      tls: {cert_file: ${folder}/cert.pem, key_file: ${folder}/key.pem}
    - {listen: "127.0.0.1:${ports.small}", message_bytes_max: 50B, connections_max: 1}
`,
  });
});
afterAll(async () => {
  await binnacle?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

interface Found {
  readonly labels: Readonly<Record<string, string>>;
  readonly line: string;
  readonly timeNs: string;
}

/** Waits until a query finds as many lines; they are in the order of time. */
async function found(query: string, count: number): Promise<Found[]> {
  let lines: Found[] = [];
  await waitFor(
    async () => {
      const streams = await logql(binnacle.url, query, { limit: "1000", direction: "forward" });
      lines = streams.flatMap(({ stream, values }) =>
        values.map(([timeNs, line]) => ({ labels: stream, line, timeNs })),
      );
      return lines.length >= count;
    },
    { what: `${count} lines of ${query}` },
  );
  return lines.sort((a, b) => (BigInt(a.timeNs) < BigInt(b.timeNs) ? -1 : 1));
}

async function send(port: number, ...pieces: readonly string[]): Promise<void> {
  const socket = net.connect(port, "127.0.0.1");
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, resolve));
  }
  await new Promise<void>((resolve) => socket.end(resolve));
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${binnacle.url}/metrics`)).text();
  const line = text.split("\n").find((it) => it.startsWith(`${name} `) || it.startsWith(name));
  return line === undefined ? 0 : Number(line.split(" ").at(-1));
}

test("messages over TCP, counted and by lines, in any pieces", async () => {
  const time = new Date().toISOString();
  const first = `<11>1 ${time} web-1 shop 42 M1 [req@1 id="7"] first \u00e9`;
  const counted = `${Buffer.byteLength(first)} ${first}`;
  await send(ports.tcp, counted.slice(0, 1), counted.slice(1, 30), counted.slice(30));
  await send(ports.tcp, `<14>1 ${time} web-1 shop - - - second\n<14>1 ${time} web-1 shop - - - second\n`);
  const lines = await found('{app_name="shop"}', 3);
  expect(lines.map(({ line }) => line)).toEqual(["first é", "second", "second"]);
  expect(lines[0]!.labels).toMatchObject({
    job: "syslog",
    hostname: "web-1",
    app_name: "shop",
    facility: "user",
    service_name: "shop",
    severity: "error",
    proc_id: "42",
    msg_id: "M1",
    sd_req_1_id: "7",
    detected_level: "error",
  });
  expect(lines[0]!.timeNs.slice(0, 13)).toBe(String(Date.parse(time)));
});

test("classic messages over UDP, each a datagram", async () => {
  const socket = dgram.createSocket("udp4");
  for (const message of ["<30>cron[712]: started", "no header at all"]) {
    await new Promise((resolve) => socket.send(message, ports.udp, "127.0.0.1", resolve));
  }
  socket.close();
  const lines = await found('{job="net"}', 2);
  expect(lines.map(({ line }) => line).sort()).toEqual(["no header at all", "started"]);
  // The sender's address stands for the host that a message does not name.
  expect(lines.every(({ labels }) => labels["hostname"] === "127.0.0.1")).toBe(true);
});

test("messages in TLS", async () => {
  const socket = tls.connect({ port: ports.tls, host: "127.0.0.1", ca: TEST_CERTIFICATE });
  await new Promise((resolve) => socket.end("<14>1 - h in-tls - - - sealed\n", () => resolve(undefined)));
  expect((await found('{app_name="in-tls"}', 1))[0]!.line).toBe("sealed");
});

test("what is too long or too many is dropped, counted, and leaves the rest alone", async () => {
  await send(ports.small, `<14>big: ${"x".repeat(200)}\n<14>small: ok\n`);
  expect((await found('{app_name="small"}', 1))[0]!.line).toBe("ok");
  expect(await metric('binnacle_syslog_dropped_total{reason="message_too_long"}')).toBe(1);
  const held = net.connect(ports.small, "127.0.0.1");
  await new Promise((resolve) => held.on("connect", resolve));
  await waitFor(
    async () => {
      const other = net.connect(ports.small, "127.0.0.1");
      other.on("error", () => undefined);
      await new Promise((resolve) => other.on("close", resolve).on("connect", () => setTimeout(resolve, 50)));
      other.destroy();
      return (await metric('binnacle_syslog_dropped_total{reason="too_many_connections"}')) > 0;
    },
    { what: "a connection over the limit" },
  );
  held.destroy();
});

const LOGGER = "/usr/bin/logger";

function to(port: number): string[] {
  return ["-n", "127.0.0.1", "-P", String(port), "-t", "dialects"];
}

test.skipIf(!fs.existsSync(LOGGER))("util-linux's logger, in all its dialects", async () => {
  const log = promisify(execFile);
  await log(LOGGER, [...to(ports.tcp), "-T", "--octet-count", "--rfc5424", "counted 5424"]);
  await log(LOGGER, [...to(ports.tcp), "-T", "--rfc5424=notime", "5424 without time"]);
  await log(LOGGER, [
    ...to(ports.tcp),
    "-T",
    "--rfc3164",
    "-t",
    "dialects",
    "-p",
    "auth.err",
    "3164 by lines",
  ]);
  await log(LOGGER, [...to(ports.udp), "-d", "--rfc3164", "-i", "3164 by datagram"]);
  const data = ["--msgid", "M7", "--sd-id", "a@1", "--sd-param", 'k="v"'];
  await log(LOGGER, [...to(ports.udp), "-d", "--rfc5424", ...data, "5424 by datagram"]);
  const lines = await found('{app_name="dialects"}', 5);
  const byLine = new Map(lines.map(({ line, labels }) => [line, labels]));
  expect([...byLine.keys()].sort()).toEqual([
    "3164 by datagram",
    "3164 by lines",
    "5424 by datagram",
    "5424 without time",
    "counted 5424",
  ]);
  expect(byLine.get("3164 by lines")).toMatchObject({ facility: "auth", severity: "error" });
  expect(byLine.get("5424 by datagram")).toMatchObject({ job: "net", msg_id: "M7", sd_a_1_k: "v" });
});
