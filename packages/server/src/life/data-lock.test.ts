import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataLock } from "./data-lock.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "binnacle-lock-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const HOLDER = `
  const { DataLock } = await import(process.argv[1]);
  globalThis.lock = new DataLock(process.argv[2]);
  process.stdout.write("locked");
  setInterval(() => {}, 1000);
`;

async function startHolder() {
  const module = new URL("data-lock.ts", import.meta.url).href;
  const child = spawn(process.execPath, ["--input-type=module", "-e", HOLDER, module, dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

test("a second process is told which one has the directory; a killed one has it no more", async () => {
  const child = await startHolder();
  expect(() => new DataLock(dir)).toThrowError(`in use by another process, ${child.pid}`);
  child.kill("SIGKILL");
  await once(child, "exit");
  using _lock = new DataLock(dir);
});

test("once in a process too, until it is let go", () => {
  {
    using _lock = new DataLock(dir);
    expect(() => new DataLock(dir)).toThrowError("in use");
  }
  using _lock = new DataLock(dir);
});

test("the directory is made; one that cannot be is an error with its path", () => {
  const below = path.join(dir, "a", "b");
  new DataLock(below)[Symbol.dispose]();
  writeFileSync(path.join(dir, "file"), "");
  expect(() => new DataLock(path.join(dir, "file", "x"))).toThrowError(path.join(dir, "file"));
});
