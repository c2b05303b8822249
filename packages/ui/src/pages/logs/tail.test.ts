import type { TailFrame } from "@binnacle/api";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TailBuffer } from "./tail-buffer.ts";
import { parseFrame, TailConnection, type SocketEvents } from "./tail-connection.ts";

function frame(...lines: [ns: number, line: string][]): TailFrame {
  return { streams: [{ stream: { a: "b" }, values: lines.map(([ns, line]) => [String(ns), line]) }] };
}

function lines(buffer: TailBuffer): string[] {
  return buffer.snapshot.entries.map(({ line }) => line);
}

test("the buffer keeps the newest lines and counts all", () => {
  const buffer = new TailBuffer({ linesMax: 3 });
  buffer.push(frame([1, "a"], [2, "b"]));
  buffer.push(frame([3, "c"], [4, "d"]));
  expect(lines(buffer)).toEqual(["b", "c", "d"]);
  expect(buffer.snapshot).toMatchObject({ received: 4, droppedByServer: 0 });
});

test("the buffer stays bounded however much comes", () => {
  const buffer = new TailBuffer({ linesMax: 3 });
  for (let ns = 1; ns <= 1000; ns++) buffer.push(frame([ns, `line ${ns}`]));
  expect(lines(buffer)).toEqual(["line 998", "line 999", "line 1000"]);
  expect(buffer.snapshot.received).toBe(1000);
});

test("the same line in two frames is two lines", () => {
  const buffer = new TailBuffer();
  buffer.push(frame([1, "a"]));
  buffer.push(frame([1, "a"]));
  expect(new Set(buffer.snapshot.entries.map(({ id }) => id)).size).toBe(2);
});

test("a pause holds lines back, and says how many passed it", () => {
  const buffer = new TailBuffer({ linesMax: 10, pausedLinesMax: 2 });
  buffer.push(frame([1, "a"]));
  buffer.setPaused(true);
  buffer.push(frame([2, "b"], [3, "c"]));
  buffer.push(frame([4, "d"]));
  expect(lines(buffer)).toEqual(["a"]);
  expect(buffer.snapshot).toMatchObject({ isPaused: true, waiting: 2, lostInPause: 1 });
  buffer.setPaused(false);
  expect(lines(buffer)).toEqual(["a", "c", "d"]);
  expect(buffer.snapshot).toMatchObject({ isPaused: false, waiting: 0, lostInPause: 1 });
});

test("what the server dropped is counted, and clearing keeps the counts", () => {
  const buffer = new TailBuffer();
  buffer.push({ ...frame([1, "a"]), dropped_entries: [{ labels: {}, timestamp: "1" }] });
  buffer.clear();
  expect(buffer.snapshot).toMatchObject({ entries: [], droppedByServer: 1, received: 1 });
});

test("a snapshot is the same object until something changes", () => {
  const buffer = new TailBuffer();
  buffer.push(frame([1, "a"]));
  const before = buffer.snapshot;
  expect(buffer.snapshot).toBe(before);
  buffer.push(frame([2, "b"]));
  expect(buffer.snapshot).not.toBe(before);
});

test.each([
  ["not JSON", "{"],
  ["binary", new ArrayBuffer(2)],
  ["a number", "5"],
  ["null", "null"],
])("%s is no frame", (_, data) => {
  expect(parseFrame(data)).toBeUndefined();
});

test("of a frame only whole streams are kept", () => {
  const broken = [
    null,
    {},
    { stream: {}, values: [["x", "a"]] },
    { stream: {}, values: [["1", 2]] },
    { stream: {}, values: "v" },
  ];
  const whole = { stream: {}, values: [["1", "a"]] };
  expect(parseFrame(JSON.stringify({ streams: [...broken, whole], dropped_entries: null }))).toEqual({
    streams: [whole],
    dropped_entries: [],
  });
});

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function connected() {
  const sockets: { startNs: string; events: SocketEvents; isClosed: boolean }[] = [];
  const states: string[] = [];
  const frames: TailFrame[] = [];
  const connection = new TailConnection({
    startNs: "100",
    connect: (startNs, events) => {
      const socket = { startNs, events, isClosed: false };
      sockets.push(socket);
      return { close: () => void (socket.isClosed = true) };
    },
    onFrame: (one) => frames.push(one),
    onState: (state) => states.push(state),
  });
  return { connection, sockets, states, frames };
}

test("after a break the tail goes on behind the newest line it has seen", () => {
  const { sockets, states, frames } = connected();
  sockets[0]!.events.onOpen();
  sockets[0]!.events.onMessage(JSON.stringify(frame([150, "a"], [120, "b"])));
  sockets[0]!.events.onMessage("rubbish");
  sockets[0]!.events.onClose("gone");
  expect(states).toEqual(["connecting", "open", "waiting"]);
  expect(sockets).toHaveLength(1);
  vi.advanceTimersByTime(500);
  expect(sockets.map(({ startNs }) => startNs)).toEqual(["100", "151"]);
  expect(frames).toHaveLength(1);
});

test("it waits longer from break to break, up to a bound, and begins anew once it was open", () => {
  const { sockets } = connected();
  const waits: number[] = [];
  for (let round = 0; round < 8; round++) {
    const count = sockets.length;
    sockets.at(-1)!.events.onClose("");
    let waited = 0;
    while (sockets.length === count && waited < 60_000) {
      vi.advanceTimersByTime(100);
      waited += 100;
    }
    waits.push(waited);
  }
  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  sockets.at(-1)!.events.onOpen();
  const count = sockets.length;
  sockets.at(-1)!.events.onClose("");
  vi.advanceTimersByTime(500);
  expect(sockets).toHaveLength(count + 1);
});

test("a closed tail stays closed and says nothing more", () => {
  const { connection, sockets, states, frames } = connected();
  connection.close();
  expect(sockets[0]!.isClosed).toBe(true);
  sockets[0]!.events.onMessage(JSON.stringify(frame([1, "a"])));
  sockets[0]!.events.onClose("");
  vi.advanceTimersByTime(60_000);
  expect(sockets).toHaveLength(1);
  expect(frames).toHaveLength(0);
  expect(states).toEqual(["connecting"]);
});
