import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { RecordingLogger } from "../testing/recorders.ts";
import { decodeEntry, encodeEntry, ForwardQueue } from "./forward-queue.ts";

const directory = await mkdtemp(join(tmpdir(), "queue-"));
afterAll(() => rm(directory, { recursive: true }));

function openQueue(name: string, bytesMax = 1_000_000) {
  const dropped: string[] = [];
  const queue = new ForwardQueue({
    directory,
    name,
    bytesMax,
    logger: new RecordingLogger(),
    onDropped: (reason, count) => dropped.push(`${reason} ${count}`),
  });
  return { queue, dropped };
}

const bodies = (entries: readonly { body: Buffer }[]): string[] => entries.map(({ body }) => body.toString());

test("entries come out in the order they went in, also after a restart", async () => {
  const first = openQueue("order").queue;
  await Promise.all(["a", "b", "c"].map((body) => first.push(Buffer.from(body), 1)));
  const [a] = first.peek(1);
  expect(bodies([a!])).toEqual(["a"]);
  await first.remove([a!]);
  await first.close();
  const second = openQueue("order").queue;
  expect(second.length).toBe(2);
  await second.push(Buffer.from("d"), 1);
  expect(bodies(second.peek(1_000))).toEqual(["b", "c", "d"]);
  // What is not removed is there again. A block of "b" says that it holds 98 bytes, one of "c" 99.
  expect(bodies(second.peek(98 + 99))).toEqual(["b", "c"]);
  await second.close();
});

test("past its bound the oldest go, counted, but for those that are being sent", async () => {
  const { queue, dropped } = openQueue("bound", 400);
  for (let i = 0; i < 4; i++) await queue.push(Buffer.alloc(84, `${i}`), 10 + i);
  const sent = queue.peek(1);
  expect(dropped).toEqual([]);
  for (let i = 4; i < 6; i++) await queue.push(Buffer.alloc(84, `${i}`), 10 + i);
  expect(dropped).toEqual(["queue_full 11", "queue_full 12"]);
  expect(queue.bytes).toBe(400);
  await queue.remove(sent);
  expect(bodies(queue.peek(1_000)).map((text) => text[0])).toEqual(["3", "4", "5"]);
  await queue.close();
});

test("the layout is as docs/format/forward-queue.md draws it", () => {
  expect(encodeEntry(Buffer.from("ab"), 5).toString("hex")).toBe("0100000005000000020000006e9d45d76162");
});

test("no damage goes unseen: each bit, each length", () => {
  const entry = encodeEntry(Buffer.from("some body"), 3);
  expect(decodeEntry(1, entry)).toEqual({ key: 1, count: 3, body: Buffer.from("some body") });
  for (let bit = 0; bit < entry.length * 8; bit++) {
    const damaged = Buffer.from(entry);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    expect(decodeEntry(1, damaged), `bit ${bit}`).toBeUndefined();
  }
  for (let length = 0; length < entry.length; length++) {
    expect(decodeEntry(1, entry.subarray(0, length)), `length ${length}`).toBeUndefined();
  }
});
