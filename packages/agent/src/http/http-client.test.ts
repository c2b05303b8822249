import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { BodyBuffer } from "./body-buffer.ts";
import { HttpClient } from "./http-client.ts";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function makeClient(idleMs = 60_000): HttpClient {
  const client = new HttpClient({ tlsOptions: () => Promise.resolve({}), idleMs });
  cleanups.push(() => client.close());
  return client;
}

async function serve(server: net.Server): Promise<URL> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
}

async function ask(client: HttpClient, url: URL, signal = AbortSignal.timeout(10_000)): Promise<string> {
  const body = new BodyBuffer();
  const request = `GET ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`;
  const { status } = await client.exchange(url, { request, body, bodyBytesMax: 1_000_000 }, signal);
  return `${status} ${Buffer.from(body.view()).toString()}`;
}

test("a connection serves many requests; side by side there are several", async () => {
  let connections = 0;
  const text = "x".repeat(200_000);
  const server = http.createServer((_request, response) => response.end(text));
  server.on("connection", () => connections++);
  const url = await serve(server);
  cleanups.push(() => server.closeAllConnections());
  const client = makeClient();
  for (let i = 0; i < 5; i++) expect(await ask(client, url)).toBe(`200 ${text}`);
  expect(connections).toBe(1);
  const answers = await Promise.all([1, 2, 3].map(() => ask(client, url)));
  expect(new Set(answers)).toEqual(new Set([`200 ${text}`]));
  expect(connections).toBe(3);
});

test("a kept connection that was closed meanwhile costs nobody an answer", async () => {
  let connections = 0;
  let requests = 0;
  // Answers once a connection, and hangs up when it is asked again, as one does that closed it as idle.
  const server = net.createServer((socket) => {
    connections++;
    let asked = 0;
    socket.on("data", () => {
      requests++;
      if (asked++ > 0) socket.destroy();
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
    });
    socket.on("error", () => undefined);
    cleanups.push(() => socket.destroy());
  });
  const url = await serve(server);
  const client = makeClient();
  for (let i = 0; i < 3; i++) expect(await ask(client, url)).toBe("200 a");
  expect({ connections, requests }).toEqual({ connections: 3, requests: 5 });
});

test("a fresh connection that is closed without an answer fails, and is not asked again", async () => {
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    socket.on("error", () => undefined);
    socket.once("data", () => socket.destroy());
  });
  const url = await serve(server);
  await expect(ask(makeClient(), url)).rejects.toThrow(/closed|reset|ECONNRESET/);
  expect(connections).toBe(1);
});

test("what is aborted ends with the signal's reason, and its connection with it", async () => {
  const closed = Promise.withResolvers<void>();
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("close", () => closed.resolve());
    socket.resume();
  });
  const url = await serve(server);
  const controller = new AbortController();
  const answer = ask(makeClient(), url, controller.signal);
  setTimeout(() => controller.abort(new Error("enough")), 20);
  await expect(answer).rejects.toThrow("enough");
  await closed.promise;
});

test("an idle connection is closed after its time", async () => {
  const closed = Promise.withResolvers<void>();
  const server = http.createServer((_request, response) => response.end("a"));
  server.on("connection", (socket) => socket.on("close", () => closed.resolve()));
  const url = await serve(server);
  expect(await ask(makeClient(50), url)).toBe("200 a");
  await closed.promise;
});
