/** A websocket to the tail that comes back by itself. */
import type { TailFrame } from "@binnacle/api";

export type TailState = "connecting" | "open" | "waiting";

/** What a socket tells. Sockets are opened by a function handed in, so that tests need no network. */
export interface SocketEvents {
  onOpen(): void;
  onMessage(data: unknown): void;
  onClose(reason: string): void;
}

interface TailConnectionOptions {
  /** Opens a socket for the lines from a time on. */
  readonly connect: (startNs: string, events: SocketEvents) => { close(): void };
  readonly onFrame: (frame: TailFrame) => void;
  readonly onState: (state: TailState, reason: string) => void;
  readonly startNs: string;
}

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;

export class TailConnection {
  readonly #options: TailConnectionOptions;
  #socket: { close(): void } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = RETRY_MS_MIN;
  #isClosed = false;
  /** Where to begin again: behind the newest line seen, so that a break loses nothing and repeats nothing. */
  #nextNs: string;

  constructor(options: TailConnectionOptions) {
    this.#options = options;
    this.#nextNs = options.startNs;
    this.#open();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #open(): void {
    this.#options.onState("connecting", "");
    this.#socket = this.#options.connect(this.#nextNs, {
      onOpen: () => {
        this.#retryMs = RETRY_MS_MIN;
        if (!this.#isClosed) this.#options.onState("open", "");
      },
      onMessage: (data) => {
        const frame = parseFrame(data);
        if (frame === undefined || this.#isClosed) return;
        this.#advance(frame);
        this.#options.onFrame(frame);
      },
      onClose: (reason) => {
        if (this.#isClosed) return;
        this.#options.onState("waiting", reason);
        this.#timer = setTimeout(() => this.#open(), this.#retryMs);
        this.#retryMs = Math.min(RETRY_MS_MAX, this.#retryMs * 2);
      },
    });
  }

  #advance(frame: TailFrame): void {
    let newest = BigInt(this.#nextNs);
    for (const { values } of frame.streams) {
      for (const [ns] of values) {
        const next = BigInt(ns) + 1n;
        if (next > newest) newest = next;
      }
    }
    this.#nextNs = String(newest);
  }
}

/** undefined where the data is no frame: a tail shows lines and never fails over one message. */
export function parseFrame(data: unknown): TailFrame | undefined {
  if (typeof data !== "string") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { streams, dropped_entries: dropped } = value as { streams?: unknown; dropped_entries?: unknown };
  return {
    streams: Array.isArray(streams) ? streams.filter(isStream) : [],
    dropped_entries: Array.isArray(dropped) ? (dropped as NonNullable<TailFrame["dropped_entries"]>) : [],
  };
}

function isStream(value: unknown): value is TailFrame["streams"][number] {
  if (typeof value !== "object" || value === null) return false;
  const { stream, values } = value as { stream?: unknown; values?: unknown };
  return (
    typeof stream === "object" &&
    stream !== null &&
    Array.isArray(values) &&
    values.every(
      (one) => Array.isArray(one) && /^\d{1,19}$/.test(String(one[0])) && typeof one[1] === "string",
    )
  );
}
