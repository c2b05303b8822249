/**
 * Listens for syslog, RFC 3164 and RFC 5424: over TCP, also in TLS, with messages counted or ended by a line
 * feed, and over UDP. Messages are stored in batches; while the store is behind, TCP's senders wait and UDP's
 * messages are dropped and counted.
 */
import dgram from "node:dgram";
import { once } from "node:events";
import fs from "node:fs/promises";
import net from "node:net";
import tls from "node:tls";
import { BinnacleError, type Clock, type Logger } from "@binnacle/model";
import { parseSyslog, SyslogFramer, syslogPush, type LogPush, type TimedSyslog } from "@binnacle/wire";
import { formatListenAddress, type ListenAddress } from "../cli/listen-address.ts";
import type { SyslogConfig } from "../config/syslog-section.ts";
import { SYSLOG_BATCH_MESSAGES_MAX, SYSLOG_QUEUE_BYTES_MAX } from "../limits.ts";
import type { PushSummary } from "./push-summary.ts";
import type { SyslogDropReason, SyslogMetrics } from "./syslog-metrics.ts";

export interface SyslogListenerOptions {
  readonly config: SyslogConfig;
  readonly store: (push: LogPush) => Promise<PushSummary>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SyslogMetrics;
}

/** How long messages are gathered before they are stored, ms. */
const GATHER_MS = 20;
/** How long is waited before a store that could not keep up is tried again, ms. */
const RETRY_MS = 200;
/** Bytes of a message beside its text, roughly. */
const MESSAGE_BYTES = 300;

export class SyslogListener implements AsyncDisposable {
  readonly #options: SyslogListenerOptions;
  readonly #metrics: SyslogMetrics;
  readonly #connections = new Set<net.Socket>();
  #address: ListenAddress | undefined;
  #server: net.Server | undefined;
  #udp: dgram.Socket | undefined;
  #queue: TimedSyslog[] = [];
  #queuedBytes = 0;
  /** Makes times differ that would be equal: see #timeOf. */
  #sequence = 0;
  #isStopping = false;
  #storing: Promise<void> | undefined;

  private constructor(options: SyslogListenerOptions) {
    this.#options = options;
    this.#metrics = options.metrics;
  }

  /** Throws where the address is taken or a certificate cannot be read. */
  static async start(options: SyslogListenerOptions): Promise<SyslogListener> {
    const listener = new SyslogListener(options);
    if (options.config.protocol === "udp") await listener.#listenUdp();
    else await listener.#listenTcp();
    const { protocol } = options.config;
    options.logger.info({ address: formatListenAddress(listener.address), protocol }, "listening for syslog");
    return listener;
  }

  /** Where it listens, the port it was given included. */
  get address(): ListenAddress {
    return this.#address!;
  }

  /** Takes no more and stores what it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server?.close();
    this.#udp?.close();
    for (const socket of this.#connections) socket.destroy();
    this.#isStopping = true;
    await this.#storing;
  }

  async #listenTcp(): Promise<void> {
    const { config, logger } = this.#options;
    const onSocket = (socket: net.Socket): void => this.#accept(socket);
    this.#server =
      config.tls === undefined
        ? net.createServer(onSocket)
        : tls.createServer(
            {
              cert: await fs.readFile(config.tls.certFile),
              key: await fs.readFile(config.tls.keyFile),
              ...(config.tls.clientCaFile === undefined
                ? {}
                : {
                    ca: await fs.readFile(config.tls.clientCaFile),
                    requestCert: true,
                    rejectUnauthorized: true,
                  }),
            },
            onSocket,
          );
    this.#server.maxConnections = config.connectionsMax;
    this.#server.on("drop", () => this.#drop("too_many_connections"));
    this.#server.on("tlsClientError", (error: Error) =>
      logger.debug({ err: error.message }, "syslog: no TLS"),
    );
    this.#server.listen(config.listen.port, config.listen.host);
    await once(this.#server, "listening");
    this.#server.on("error", (error) =>
      logger.warn({ err: error.message }, "the syslog listener has trouble"),
    );
    this.#address = { host: config.listen.host, port: (this.#server.address() as net.AddressInfo).port };
  }

  async #listenUdp(): Promise<void> {
    const { config, logger } = this.#options;
    const { host, port } = config.listen;
    this.#udp = dgram.createSocket(host.includes(":") ? "udp6" : "udp4");
    this.#udp.on("message", (message, peer) => {
      if (message.length > config.messageBytesMax) this.#drop("message_too_long");
      else if (this.#queuedBytes >= SYSLOG_QUEUE_BYTES_MAX) this.#drop("queue_full");
      else this.#take(withoutEnd(message), peer.address);
    });
    this.#udp.bind(port, host);
    await once(this.#udp, "listening");
    this.#udp.on("error", (error) => logger.warn({ err: error.message }, "the syslog listener has trouble"));
    this.#address = { host, port: this.#udp.address().port };
  }

  #accept(socket: net.Socket): void {
    const { config, logger } = this.#options;
    const peer = (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
    this.#connections.add(socket);
    this.#countConnections();
    const framer = new SyslogFramer({
      messageBytesMax: config.messageBytesMax,
      onMessage: (message) => this.#take(message, peer),
      onTooLong: () => this.#drop("message_too_long"),
    });
    socket.setTimeout(config.idleTimeoutMs, () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      framer.push(chunk);
      if (this.#queuedBytes >= SYSLOG_QUEUE_BYTES_MAX) socket.pause();
    });
    socket.on("end", () => framer.end());
    socket.on("error", (error) => logger.debug({ peer, err: error.message }, "a connection of syslog broke"));
    socket.on("close", () => {
      this.#connections.delete(socket);
      this.#countConnections();
    });
  }

  #countConnections(): void {
    this.#metrics.connections.set(this.#connections.size, { listen: formatListenAddress(this.address) });
  }

  #drop(reason: SyslogDropReason, count = 1): void {
    this.#metrics.dropped.inc({ reason }, count);
  }

  #take(bytes: Uint8Array, peer: string): void {
    const { config, clock } = this.#options;
    this.#metrics.messages.inc({ protocol: config.protocol });
    const nowMs = clock.nowMs();
    // A copy: the framer's buffer is used again.
    const parsed = parseSyslog(Uint8Array.from(bytes), { nowMs, isUtc: config.isUtc });
    const message = { ...parsed, hostname: parsed.hostname ?? peer };
    this.#queue.push({ message, timeNs: this.#timeOf(parsed.timeNs, nowMs) });
    this.#queuedBytes += bytes.length + MESSAGE_BYTES;
    this.#storing ??= this.#store().finally(() => (this.#storing = undefined));
  }

  /**
   * Equal messages of one moment are several messages, but equal batches are one that was sent twice: so
   * times, which are whole microseconds, are told apart by nanoseconds.
   */
  #timeOf(timeNs: bigint | undefined, nowMs: number): bigint {
    const ns = this.#options.config.usesMessageTime ? timeNs : undefined;
    this.#sequence = (this.#sequence + 1) % 1000;
    return (ns ?? BigInt(nowMs) * 1_000_000n) + BigInt(this.#sequence);
  }

  async #store(): Promise<void> {
    while (this.#queue.length > 0) {
      if (!this.#isStopping) await sleep(GATHER_MS);
      const batch = this.#queue.splice(0, SYSLOG_BATCH_MESSAGES_MAX);
      await this.#storeBatch(batch);
      this.#queuedBytes -= batch.reduce((sum, { message }) => sum + message.text.length + MESSAGE_BYTES, 0);
      if (this.#queue.length === 0) this.#queuedBytes = 0;
      if (this.#queuedBytes < SYSLOG_QUEUE_BYTES_MAX) for (const socket of this.#connections) socket.resume();
    }
  }

  /** What the store refuses line by line it counts itself. */
  async #storeBatch(batch: readonly TimedSyslog[]): Promise<void> {
    const { store, config, logger } = this.#options;
    const push = syslogPush(batch, config.labels);
    for (;;) {
      try {
        await store(push);
        return;
      } catch (error) {
        const isPassing =
          error instanceof BinnacleError &&
          (error.code === "TOO_MANY_REQUESTS" || error.code === "UNAVAILABLE");
        if (!isPassing || this.#isStopping) {
          this.#drop("not_stored", batch.length);
          logger.error({ err: String(error), messages: batch.length }, "syslog could not be stored");
          return;
        }
        await sleep(RETRY_MS);
      }
    }
  }
}

function withoutEnd(message: Buffer): Buffer {
  let { length } = message;
  while (length > 0 && (message[length - 1] === 0x0a || message[length - 1] === 0)) length--;
  return message.subarray(0, length);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
