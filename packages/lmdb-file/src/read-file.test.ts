import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { openEnvironment } from "./open.ts";
import { readLmdbFile } from "./read-file.ts";

/** A folder that is gone with its scope. */
class TestDir implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "binnacle-lmdb-"));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Writes values of many sizes with LMDB itself; returns what they are, by key. */
async function fill(path: string, count: number): Promise<Map<number, string>> {
  const environment = openEnvironment<Uint8Array, number>(path, {
    encoding: "binary",
    keyEncoding: "uint32",
    cache: false,
  });
  const expected = new Map<number, string>();
  const random = seededRandom(count);
  for (let key = 1; key <= count; key++) {
    const value = Buffer.alloc(1 + random.below(random.next() < 0.2 ? 20_000 : 300), key);
    expected.set(key, value.toString("hex"));
    const written = environment.put(key, value);
    if (key % 7 === 0) await written;
  }
  await environment.flushed;
  await environment.close();
  return expected;
}

function read(path: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const { key, value } of readLmdbFile(path)) found.set(key, Buffer.from(value).toString("hex"));
  return found;
}

test.for([0, 1, 20, 3000])("what LMDB wrote is read without it: %i values", async (count) => {
  using dir = new TestDir();
  const path = join(dir.path, "test.mdb");
  const expected = await fill(path, count);
  expect(read(path)).toEqual(expected);
});

test("a file cut short or altered gives what stands before the damage, or an error", async () => {
  using dir = new TestDir();
  const path = join(dir.path, "test.mdb");
  await fill(path, 200);
  const whole = readFileSync(path);
  const random = seededRandom(5);
  for (let i = 0; i < 300; i++) {
    const damaged = Buffer.from(i % 3 === 0 ? whole.subarray(0, random.below(whole.length)) : whole);
    for (let flips = 0; flips < i % 3; flips++)
      damaged[random.below(damaged.length)]! ^= 1 << random.below(8);
    writeFileSync(path, damaged);
    try {
      read(path);
    } catch (error) {
      expect(error).toMatchObject({
        code: "CORRUPT_DATA",
        message: expect.stringContaining(`${path} at byte`) as string,
      });
    }
  }
});
