/** A small HTTP server of a test's own on 127.0.0.1: a scrape target, or a receiver of webhooks. */
import http from "node:http";
import type { AddressInfo } from "node:net";

export type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

export interface TestServer {
  readonly port: number;
  readonly url: string;
  /** HOST:PORT, as a target is written. */
  readonly address: string;
  close(): Promise<void>;
}

export async function startServer(handler: Handler, port = 0): Promise<TestServer> {
  const server = http.createServer(handler);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    address: `127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A target whose exposition is made anew for each scrape. */
export function exposition(text: () => string): Handler {
  return (_request, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(text());
  };
}

export interface Received {
  readonly path: string;
  readonly body: unknown;
}

/** A receiver that keeps the JSON bodies posted to it. */
export async function startReceiver(): Promise<TestServer & { readonly received: Received[] }> {
  const received: Received[] = [];
  const server = await startServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({
        path: request.url ?? "",
        body: JSON.parse(Buffer.concat(chunks).toString()) as unknown,
      });
      response.end();
    });
  });
  return { ...server, received };
}
