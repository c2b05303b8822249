/** A sink for log lines that stores them in a queue on disk, and sends them to a server by Loki's push. */
import type { LogAppendResult, LogEntries, LogSink } from "@binnacle/model";
import { encodeLokiPush, LokiDecoder, snappyDecompress } from "@binnacle/wire";
import { FORWARD_QUEUE_BYTES_MAX, FORWARD_REQUEST_BYTES_MAX } from "../limits.ts";
import { splitEntries } from "../tail/delivery.ts";
import { registerForwardMetrics } from "./forward-metrics.ts";
import { ForwardQueue } from "./forward-queue.ts";
import { ForwardSender, type MessageCodec } from "./forward-sender.ts";
import type { ForwarderOptions } from "./metric-forwarder.ts";

/** What a line costs beside its bytes, about. */
const LINE_OVERHEAD_BYTES = 32;

export class LogForwarder implements LogSink {
  readonly #queue: ForwardQueue;
  readonly #sender: ForwardSender;

  constructor(options: ForwarderOptions) {
    const metrics = registerForwardMetrics(options.meter, "logs");
    this.#queue = new ForwardQueue({
      directory: options.directory,
      name: "logs",
      bytesMax: options.queueBytesMax ?? FORWARD_QUEUE_BYTES_MAX,
      logger: options.logger,
      onDropped: (reason, count) => metrics.dropped.inc({ reason }, count),
    });
    this.#sender = new ForwardSender({
      url: `${options.url.replace(/\/+$/, "")}/loki/api/v1/push`,
      headers: options.headers ?? {},
      queue: this.#queue,
      codec: pushCodec(),
      metrics,
      logger: options.logger,
      ...(options.retryWaitMs === undefined ? {} : { retryWaitMs: options.retryWaitMs }),
    });
  }

  start(): void {
    this.#sender.start();
  }

  async stop(): Promise<void> {
    await this.#sender.stop();
    await this.#queue.close();
  }

  get queueBytes(): number {
    return this.#queue.bytes;
  }

  /**
   * Resolves once the lines are in the queue on disk: from then on they arrive, or are counted as dropped.
   */
  async append(batch: readonly LogEntries[]): Promise<LogAppendResult> {
    const pushes = inRequests(batch);
    await Promise.all(pushes.map((part) => this.#queue.push(encodeLokiPush(part), lineCount(part))));
    this.#sender.wake();
    return { appended: lineCount(batch), rejected: 0, rejections: [] };
  }
}

/** Parts that each make a request of about FORWARD_REQUEST_BYTES_MAX at most. */
function inRequests(batch: readonly LogEntries[]): (readonly LogEntries[])[] {
  let bytes = 0;
  for (const { lines } of batch) for (const line of lines) bytes += line.length + LINE_OVERHEAD_BYTES;
  const halves = bytes > FORWARD_REQUEST_BYTES_MAX ? splitEntries(batch) : undefined;
  return halves === undefined ? [batch] : halves.flatMap(inRequests);
}

function lineCount(batch: readonly LogEntries[]): number {
  return batch.reduce((sum, { lines }) => sum + lines.length, 0);
}

function pushCodec(): MessageCodec {
  const decoder = new LokiDecoder();
  return {
    // Loki's push takes its snappy blocks without saying so: the content type stands for both.
    headers: {},
    split(message) {
      const halves = splitEntries(decoder.decodeMessage(message).streams);
      if (halves === undefined) return undefined;
      const [first, second] = halves;
      return [snappyDecompress(encodeLokiPush(first)), snappyDecompress(encodeLokiPush(second))];
    },
    count: (message) => decoder.decodeMessage(message).entryCount,
    describe(message) {
      const stream = decoder.decodeMessage(message).streams[0];
      return `a line of ${stream?.lines[0]?.length ?? 0} bytes of ${stream?.labels.toString() ?? "no stream"}`;
    },
  };
}
