import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEnvironment } from "./open.ts";
import { SmallDisk } from "./small-disk.ts";
import { closeEnvironment, commit } from "./write.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "binnacle-lmdb-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a full disk fails the write with path and reason, and the next one when there is room does not", async ({
  skip,
}) => {
  using disk = new SmallDisk(dir, 6);
  if (!disk.isMounted) skip("a file system can be mounted by root only");
  const ballast = join(disk.path, "ballast");
  writeFileSync(ballast, Buffer.alloc(3_000_000));
  const path = join(disk.path, "test.mdb");
  const options = { encoding: "binary", keyEncoding: "uint32", cache: false } as const;
  const environment = openEnvironment<Uint8Array, number>(path, options);
  const write = (key: number): Promise<void> =>
    commit(path, environment, () =>
      [2 * key, 2 * key + 1].map((each) => environment.put(each, Buffer.alloc(30_000, key))),
    );
  let failure: unknown;
  let last = 0;
  for (let key = 1; key < 200; key++) {
    try {
      await write(key);
      last = key;
    } catch (error) {
      failure = error;
      break;
    }
  }
  expect(failure).toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringMatching(new RegExp(`^${path} cannot be written: (No space|Input/output)`)),
  });
  await expect(write(500)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  rmSync(ballast);
  await write(1000);
  for (const key of [1, last, 1000]) expect(environment.get(2 * key)).toHaveLength(30_000);
  await closeEnvironment(environment);
});

test("an environment whose last commit failed is closed all the same", async ({ skip }) => {
  using disk = new SmallDisk(dir, 1);
  if (!disk.isMounted) skip("a file system can be mounted by root only");
  const path = join(disk.path, "test.mdb");
  const environment = openEnvironment<string, number>(path, { encoding: "string" });
  const large = "x".repeat(2_000_000);
  await expect(commit(path, environment, () => [environment.put(1, large)])).rejects.toThrowError(path);
  await closeEnvironment(environment);
});
