/** A real process under load, killed: what was acknowledged is there, once, in order. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { dump, openStore, TestFolder } from "../testing/fixtures.ts";

const CHILD = fileURLToPath(new URL("../testing/append-child.ts", import.meta.url));

/** Appends from a number on until it is killed; gives the numbers that were acknowledged. */
async function runUntilKilled(dir: string, first: number, lifeMs: number): Promise<number[]> {
  const child = spawn(process.execPath, ["--no-warnings", CHILD, dir, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child.stdout, "data");
  await new Promise((resolve) => void setTimeout(resolve, lifeMs));
  const ended = once(child, "close");
  child.kill("SIGKILL");
  await ended;
  // A last line that was cut off is none.
  return output.slice(0, output.lastIndexOf("\n")).split("\n").map(Number);
}

test("kill -9 loses nothing that was acknowledged", async () => {
  using folder = new TestFolder();
  const random = seededRandom(11);
  const acknowledged: number[] = [];
  let next = 0;
  for (let round = 0; round < 4; round++) {
    acknowledged.push(...(await runUntilKilled(folder.path, next, random.below(400))));
    next = (Math.max(...acknowledged, next) | 3) + 5;
  }
  const store = await openStore(folder.path);
  const lines = (await dump(store)).map((line) => /"(\d+\.\d) /.exec(line)![1]!);
  expect(new Set(lines).size).toBe(lines.length);
  const found = new Set(lines);
  for (const serial of acknowledged) {
    for (let k = 0; k < 5; k++) expect(found.has(`${serial}.${k}`), `${serial}.${k}`).toBe(true);
  }
  expect(acknowledged.length).toBeGreaterThan(20);
  await store.close();
}, 60_000);
