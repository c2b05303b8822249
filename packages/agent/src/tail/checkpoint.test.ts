import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { RecordingLogger } from "../testing/recorders.ts";
import { CheckpointStore } from "./checkpoint-store.ts";
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from "./checkpoint.ts";

const directory = await mkdtemp(join(tmpdir(), "checkpoints-"));
afterAll(() => rm(directory, { recursive: true }));

const checkpoint: Checkpoint = {
  path: "/var/log/pods/ns_pöd_1/c/0.log",
  offset: 2 ** 40 + 1,
  prefixCrc: 0xfedcba98,
  markerCrc: 0x01234567,
  updatedMs: 1_700_000_000_000.5,
};

test("what is written is read again", () => {
  expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
});

test("the layout is as docs/format/checkpoint.md draws it", () => {
  const small = { path: "/a", offset: 3, prefixCrc: 1, markerCrc: 2, updatedMs: 4 };
  expect(encodeCheckpoint(small).toString("hex")).toBe(
    "010002000100000002000000834472ac000000000000084000000000000010402f61",
  );
});

test("no damage goes unseen: each bit, each length", () => {
  const bytes = encodeCheckpoint(checkpoint);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = Buffer.from(bytes);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    expect(decodeCheckpoint(damaged), `bit ${bit}`).toBeUndefined();
  }
  for (let length = 0; length < bytes.length; length++) {
    expect(decodeCheckpoint(bytes.subarray(0, length)), `length ${length}`).toBeUndefined();
  }
});

test("a store gives back what was flushed, by file and by path", async () => {
  const logger = new RecordingLogger();
  const first = CheckpointStore.open(join(directory, "a"), logger);
  first.set("1:2", checkpoint);
  first.set("1:3", { ...checkpoint, path: "/other" });
  first.set("1:4", checkpoint);
  first.delete("1:4");
  await first.flush();
  await first.close();
  const second = CheckpointStore.open(join(directory, "a"), logger);
  expect([...second.all().keys()]).toEqual(["1:2", "1:3"]);
  expect([...second.ofPath("/other").keys()]).toEqual(["1:3"]);
  expect(second.get("1:2")).toEqual(checkpoint);
  await second.close();
  expect(logger.messages).toEqual([]);
});

test("a truncated file is set aside, and a new one begun", async () => {
  const logger = new RecordingLogger();
  const folder = join(directory, "b");
  const first = CheckpointStore.open(folder, logger);
  for (let i = 0; i < 2_000; i++) first.set(`1:${i}`, checkpoint);
  await first.close();
  const file = await open(join(folder, "checkpoints.lmdb"), "r+");
  await file.truncate(16_384);
  await file.close();
  const second = CheckpointStore.open(folder, logger);
  expect(second.all().size).toBe(0);
  await second.close();
  expect(logger.messages[0]).toContain("set aside");
  expect((await readdir(folder)).some((name) => name.includes(".damaged-"))).toBe(true);
});
