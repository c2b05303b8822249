/**
 * Exporters to scrape: each listens on a port of its own and answers the recorded expositions of one
 * exporter, one after the other. They run in a thread of their own, so that the bench's own work does not
 * delay them.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { EXPORTERS, expositions } from "./fleet.ts";

export interface Targets extends AsyncDisposable {
  readonly ports: readonly number[];
  /** Samples in all answers so far. */
  samplesServed(): number;
}

interface Setup {
  readonly count: number;
  readonly served: SharedArrayBuffer;
}

export async function startTargets(count: number): Promise<Targets> {
  const served = new SharedArrayBuffer(8);
  const setup: Setup = { count, served };
  const worker = new Worker(new URL(import.meta.url), { workerData: setup });
  const ports = await new Promise<readonly number[]>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  return {
    ports,
    samplesServed: () => Number(Atomics.load(new BigUint64Array(served), 0)),
    [Symbol.asyncDispose]: async () => {
      await worker.terminate();
    },
  };
}

async function serve({ count, served }: Setup): Promise<void> {
  const counter = new BigUint64Array(served);
  const recordings = EXPORTERS.map((exporter) =>
    expositions(exporter).map((text) => ({ text, samples: BigInt(sampleCount(text)) })),
  );
  const ports: number[] = [];
  for (let i = 0; i < count; i++) {
    const answers = recordings[i % recordings.length]!;
    let next = (i * 7919) % answers.length;
    const server = http.createServer((_request, response) => {
      const { text, samples } = answers[next]!;
      next = (next + 1) % answers.length;
      Atomics.add(counter, 0, samples);
      response.writeHead(200, {
        "content-type": "text/plain; version=0.0.4; charset=utf-8",
        "content-length": text.length,
      });
      response.end(text);
    });
    // Kept connections outlive the pause between scrapes.
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin.
  parentPort!.postMessage(ports);
}

/** Lines that are neither comments nor empty. */
function sampleCount(text: Buffer): number {
  return text
    .toString("latin1")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#")).length;
}

if (!isMainThread) await serve(workerData as Setup);
