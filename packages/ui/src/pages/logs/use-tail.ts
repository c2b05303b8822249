/** The live tail as state of the page. */
import { lokiTail } from "@binnacle/api";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { nanoseconds } from "../../api/logs-api.ts";
import { TailBuffer, type TailSnapshot } from "./tail-buffer.ts";
import { TailConnection, type SocketEvents, type TailState } from "./tail-connection.ts";

/** Frames may come by the hundred a second; the eye needs no more than this. */
const PUBLISH_MS = 120;
/** The tail begins with what has just happened, so that it is not empty. */
const BEGIN_BEFORE_MS = 30_000;
const LINES_AT_START = 200;

export interface Tail {
  readonly snapshot: TailSnapshot;
  readonly state: TailState;
  readonly reason: string;
  readonly setPaused: (isPaused: boolean) => void;
  readonly clear: () => void;
}

export function useTail(query: string, isLive: boolean): Tail {
  const [{ state, reason }, setState] = useState<{ state: TailState; reason: string }>({
    state: "connecting",
    reason: "",
  });
  // A new query begins with an empty buffer.
  const store = useMemo(() => new TailStore(`${query} ${isLive}`), [query, isLive]);
  const snapshot = useSyncExternalStore(store.subscribe, store.get);
  useEffect(() => {
    if (!isLive || query === "") return undefined;
    const connection = new TailConnection({
      startNs: nanoseconds(Date.now() - BEGIN_BEFORE_MS),
      connect: (startNs, events) => openSocket(tailAddress(query, startNs), events),
      onFrame: (frame) => {
        store.buffer.push(frame);
        store.publishSoon();
      },
      onState: (next, why) => setState({ state: next, reason: why }),
    });
    return () => connection.close();
  }, [query, isLive, store]);
  return {
    snapshot,
    state,
    reason,
    setPaused: (isPaused) => {
      store.buffer.setPaused(isPaused);
      store.publish();
    },
    clear: () => {
      store.buffer.clear();
      store.publish();
    },
  };
}

class TailStore {
  readonly buffer = new TailBuffer();
  /** For what this buffer is; a store is made anew for another query. */
  readonly name: string;
  #shown = this.buffer.snapshot;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(name: string) {
    this.name = name;
  }

  readonly get = (): TailSnapshot => this.#shown;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#shown = this.buffer.snapshot;
    for (const listener of this.#listeners) listener();
  }

  publishSoon(): void {
    this.#timer ??= setTimeout(() => this.publish(), PUBLISH_MS);
  }
}

function openSocket(address: string, events: SocketEvents): WebSocket {
  const socket = new WebSocket(address);
  socket.addEventListener("open", () => events.onOpen());
  socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => events.onMessage(data));
  socket.addEventListener("close", ({ code, reason }) =>
    events.onClose(reason === "" ? `closed with code ${code}` : reason),
  );
  return socket;
}

function tailAddress(query: string, startNs: string): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const params = new URLSearchParams({ query, start: startNs, limit: String(LINES_AT_START) });
  return `${scheme}://${location.host}${lokiTail.path}?${params}`;
}
