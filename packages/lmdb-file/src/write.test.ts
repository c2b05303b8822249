import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openEnvironment } from "./open.ts";
import { closeEnvironment, commit } from "./write.ts";

/** A file system of a few MB, gone with its scope; undefined where none may be mounted. */
function smallDisk(megabytes: number): (Disposable & { readonly path: string }) | undefined {
  const path = mkdtempSync(join(tmpdir(), "binnacle-lmdb-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
  const remove = (): void => {
    spawnSync("umount", ["--lazy", path]);
    rmSync(path, { recursive: true, force: true });
  };
  if (mounted.status === 0) return { path, [Symbol.dispose]: remove };
  rmSync(path, { recursive: true, force: true });
  return undefined;
}

test("a full disk fails the write with path and reason, and the next one when there is room does not", async ({
  skip,
}) => {
  using disk = smallDisk(6);
  if (disk === undefined) {
    skip("a file system can be mounted by root only");
    return;
  }
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
  using disk = smallDisk(1);
  if (disk === undefined) {
    skip("a file system can be mounted by root only");
    return;
  }
  const path = join(disk.path, "test.mdb");
  const environment = openEnvironment<string, number>(path, { encoding: "string" });
  const large = "x".repeat(2_000_000);
  await expect(commit(path, environment, () => [environment.put(1, large)])).rejects.toThrowError(path);
  await closeEnvironment(environment);
});
