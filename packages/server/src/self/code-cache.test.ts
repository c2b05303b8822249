import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { CODE_CACHE_BYTES_MAX } from "../limits.ts";

let dataDir: string;

beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "binnacle-code-"));
  const made = dataDir;
  onTestFinished(() => fs.rmSync(made, { recursive: true }));
});

/** Where a process of its own keeps compiled code, and where threads that it starts would. */
function cacheOf(environment: Readonly<Record<string, string>> = {}): unknown {
  const url = JSON.stringify(new URL("code-cache.ts", import.meta.url));
  const program = `import { useCodeCache } from ${url};
    import module from "node:module";
    useCodeCache(${JSON.stringify(dataDir)});
    console.log(JSON.stringify([module.getCompileCacheDir(), process.env.NODE_COMPILE_CACHE ?? null]));`;
  const { NODE_COMPILE_CACHE: _, ...inherited } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...inherited, ...environment },
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

test("compiled code is kept below the data directory, by this thread and those it starts", () => {
  const directory = path.join(dataDir, "cache", "code");
  expect(cacheOf()).toEqual([expect.stringContaining(`${directory}/`), directory]);
});

test("what a person set holds", () => {
  const theirs = path.join(dataDir, "theirs");
  expect(cacheOf({ NODE_COMPILE_CACHE: theirs })).toEqual([expect.stringContaining(theirs), theirs]);
  expect(fs.existsSync(path.join(dataDir, "cache"))).toBe(false);
});

test.for([
  [CODE_CACHE_BYTES_MAX, true],
  [CODE_CACHE_BYTES_MAX + 1, false],
] as const)("with %i bytes of entries, they are kept: %s", ([bytes, isKept]) => {
  const entry = path.join(dataDir, "cache", "code", "old", "entry");
  fs.mkdirSync(path.dirname(entry), { recursive: true });
  fs.writeFileSync(entry, "");
  fs.truncateSync(entry, bytes);
  cacheOf();
  expect(fs.existsSync(entry)).toBe(isKept);
});
