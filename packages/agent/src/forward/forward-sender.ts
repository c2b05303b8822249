/**
 * Empties a queue into the server, in order. Whatever can pass is waited for; what the server calls bad is
 * halved until the bad part is alone, and only that is dropped.
 *
 * Entries are protobuf messages whose only fields repeat, so several laid end to end are one message.
 */
import type { Logger } from "@binnacle/model";
import { snappyCompress, snappyDecompress } from "@binnacle/wire";
import { Agent } from "undici";
import { FORWARD_REQUEST_BYTES_MAX, RETRY_WAIT_MS_MAX, RETRY_WAIT_MS_MIN } from "../limits.ts";
import { Pacer } from "../tail/pacer.ts";
import type { ForwardMetrics } from "./forward-metrics.ts";
import type { ForwardQueue } from "./forward-queue.ts";
import { post, type PostOutcome } from "./post.ts";

export interface MessageCodec {
  readonly headers: Readonly<Record<string, string>>;
  /** Two messages with the content of one; undefined when it cannot be parted further. */
  split(message: Uint8Array): readonly [Uint8Array, Uint8Array] | undefined;
  /** Samples or lines in a message. */
  count(message: Uint8Array): number;
  /** What a message that is dropped was about, for the log. */
  describe(message: Uint8Array): string;
}

export interface ForwardSenderOptions {
  readonly url: string;
  /** Headers of the person's own, such as authorization. */
  readonly headers: Readonly<Record<string, string>>;
  readonly queue: ForwardQueue;
  readonly codec: MessageCodec;
  readonly metrics: ForwardMetrics;
  readonly logger: Logger;
  readonly retryWaitMs?: number;
}

/** How long an empty queue is left alone, in ms, when nothing wakes the sender. */
const IDLE_MS = 60_000;

export class ForwardSender {
  readonly #options: ForwardSenderOptions;
  readonly #agent = new Agent({ keepAliveTimeout: 60_000, connections: 1 });
  readonly #stopping = new AbortController();
  readonly #pacer = new Pacer();
  #running: Promise<void> = Promise.resolve();
  #failures = 0;

  constructor(options: ForwardSenderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#loop();
  }

  /** Something was queued. */
  wake(): void {
    if (this.#failures === 0) this.#pacer.wake();
  }

  /** Gives up the request under way; what it held stays queued. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#pacer.wake();
    await this.#running;
    await this.#agent.destroy();
  }

  async #loop(): Promise<void> {
    const { queue, metrics, logger } = this.#options;
    while (!this.#stopping.signal.aborted) {
      metrics.queueBytes.set(queue.bytes);
      metrics.queueEntries.set(queue.length);
      try {
        const entries = queue.peek(FORWARD_REQUEST_BYTES_MAX);
        if (entries.length === 0) await this.#pacer.wait(IDLE_MS);
        else if (await this.#send(merge(entries.map(({ body }) => snappyDecompress(body))))) {
          await queue.remove(entries);
        }
      } catch (error) {
        logger.error({ error: error instanceof Error ? error.stack : String(error) }, "forwarding failed");
        await this.#pacer.wait(RETRY_WAIT_MS_MAX);
      }
    }
  }

  /**
   * Resolves true once all of the message was taken, or what was not is dropped and counted; false when
   * stopped.
   */
  async #send(message: Uint8Array): Promise<boolean> {
    const { codec, metrics, logger } = this.#options;
    const outcome = await this.#postUntilAnswered(message);
    if (outcome === undefined) return false;
    if (outcome.kind === "accepted") {
      if (outcome.rejected > 0) metrics.dropped.inc({ reason: "rejected" }, outcome.rejected);
      return true;
    }
    const halves = codec.split(message);
    if (halves !== undefined) {
      for (const half of halves) if (!(await this.#send(half))) return false;
      return true;
    }
    metrics.dropped.inc({ reason: "refused" }, codec.count(message));
    logger.warn(
      { what: codec.describe(message), answer: outcome.reason },
      "the server refused it: it is dropped",
    );
    return true;
  }

  async #postUntilAnswered(
    message: Uint8Array,
  ): Promise<Exclude<PostOutcome, { kind: "later" }> | undefined> {
    const { url, codec, headers, metrics, logger } = this.#options;
    const body = snappyCompress(message);
    while (!this.#stopping.signal.aborted) {
      const outcome = await post({
        url,
        body,
        headers: { ...codec.headers, ...headers },
        agent: this.#agent,
        signal: this.#stopping.signal,
      });
      if (outcome.kind !== "later") {
        metrics.requests.inc({ outcome: outcome.kind === "accepted" ? "ok" : "refused" });
        if (outcome.kind === "accepted") metrics.sentBytes.inc(undefined, body.length);
        if (this.#failures > 0) logger.info({ url }, "the server takes what is forwarded again");
        this.#failures = 0;
        return outcome;
      }
      if (this.#stopping.signal.aborted) return undefined;
      this.#failures++;
      metrics.requests.inc({ outcome: "retried" });
      // Once, and then at each doubling: an hour of waiting is a dozen lines.
      if ((this.#failures & (this.#failures - 1)) === 0) {
        logger.warn({ url, failures: this.#failures, answer: outcome.reason }, "what is forwarded waits");
      }
      await this.#pacer.wait(this.#waitMs(outcome.waitMs));
    }
    return undefined;
  }

  /**
   * Doubling, up to a bound, with a quarter of chance: agents that lost one server do not come back as one.
   */
  #waitMs(askedMs: number | undefined): number {
    const first = this.#options.retryWaitMs ?? RETRY_WAIT_MS_MIN;
    const doubled = Math.min(first * 2 ** Math.min(this.#failures - 1, 20), RETRY_WAIT_MS_MAX);
    return Math.max(doubled, Math.min(askedMs ?? 0, RETRY_WAIT_MS_MAX)) * (1 + Math.random() / 4);
  }
}

function merge(messages: readonly Uint8Array[]): Uint8Array {
  return messages.length === 1 ? messages[0]! : Buffer.concat(messages);
}
