/** A sink for samples that stores them in a queue on disk, and sends them to a server by remote write. */
import {
  SYSTEM_CLOCK,
  type AppendResult,
  type Clock,
  type Labels,
  type Logger,
  type Meter,
  type MetricMetadata,
  type MetricSink,
  type SampleRow,
  type SeriesRef,
} from "@binnacle/model";
import { WriteRequestEncoder } from "@binnacle/wire";
import { FORWARD_QUEUE_BYTES_MAX, FORWARD_SAMPLES_PER_ENTRY_MAX } from "../limits.ts";
import { registerForwardMetrics } from "./forward-metrics.ts";
import { ForwardQueue } from "./forward-queue.ts";
import { ForwardSender } from "./forward-sender.ts";
import { SeriesTable } from "./series-table.ts";
import { countOf, packRows, writeCodec } from "./write-message.ts";

export interface ForwarderOptions {
  /** Base URL of the server: `http://host:7070`. */
  readonly url: string;
  /** Folder of the queue; made when it is not there. */
  readonly directory: string;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly clock?: Clock;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default FORWARD_QUEUE_BYTES_MAX. */
  readonly queueBytesMax?: number;
  /** First wait after a failure, in ms, doubling. Default RETRY_WAIT_MS_MIN. */
  readonly retryWaitMs?: number;
}

export class MetricForwarder implements MetricSink {
  readonly #clock: Clock;
  readonly #queue: ForwardQueue;
  readonly #sender: ForwardSender;
  readonly #table = new SeriesTable();
  readonly #encoder = new WriteRequestEncoder();
  /** Described, and not yet in a request. */
  readonly #metadata = new Map<string, MetricMetadata>();

  constructor(options: ForwarderOptions) {
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    const metrics = registerForwardMetrics(options.meter, "metrics");
    this.#queue = new ForwardQueue({
      directory: options.directory,
      name: "metrics",
      bytesMax: options.queueBytesMax ?? FORWARD_QUEUE_BYTES_MAX,
      logger: options.logger,
      onDropped: (reason, count) => metrics.dropped.inc({ reason }, count),
    });
    this.#sender = new ForwardSender({
      url: `${options.url.replace(/\/+$/, "")}/api/v1/write`,
      headers: options.headers ?? {},
      queue: this.#queue,
      codec: writeCodec(),
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

  series(labels: Labels): SeriesRef {
    return this.#table.ref(labels, this.#clock.nowMs());
  }

  /** Resolves once the rows are in the queue on disk: from then on they arrive, or are counted as dropped. */
  async append(rows: readonly SampleRow[]): Promise<AppendResult> {
    const nowMs = this.#clock.nowMs();
    this.#table.sweep(nowMs);
    const { requests, result } = packRows(rows, [...this.#metadata.values()], {
      samplesMax: FORWARD_SAMPLES_PER_ENTRY_MAX,
      labelsOf: (ref) => this.#table.labels(ref, nowMs),
    });
    this.#metadata.clear();
    await Promise.all(
      requests.map((request) => this.#queue.push(this.#encoder.encode(request), countOf(request))),
    );
    this.#sender.wake();
    return result;
  }

  describe(metadata: readonly MetricMetadata[]): void {
    for (const entry of metadata) this.#metadata.set(entry.metric, entry);
  }
}
