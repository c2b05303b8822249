/** `binnacle logs -f` against a server: what there is first, then what comes, and nothing else when piped. */
import { spawn } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBinnacle, type RunningBinnacle } from "../support/binnacle.ts";
import { nowNs, postLoki } from "../support/loki-push.ts";
import { repositoryRoot } from "../support/places.ts";
import { waitFor } from "../support/process.ts";

let binnacle: RunningBinnacle;
beforeAll(async () => {
  binnacle = await startBinnacle({ mode: "serve" });
});
afterAll(async () => {
  await binnacle?.stop();
});

test("follows pods by part of their names", async () => {
  const push = (pod: string, line: string): Promise<Response> =>
    postLoki(binnacle.url, [{ stream: { pod }, values: [[nowNs(), line]] }]);
  await push("shop-1", "before");
  await push("other-1", "not asked for");
  const file = path.join(repositoryRoot, "node_modules/.bin/binnacle");
  const args = ["logs", "-f", "shop", "--server", binnacle.url, "-v", "quiet"];
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let complaints = "";
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (complaints += data.toString()));
  try {
    await waitFor(() => Promise.resolve(out.includes("before")), { what: "the lines there are" });
    await push("shop-2", "quiet");
    await push("shop-2", "after");
    await waitFor(() => Promise.resolve(out.includes("after")), { what: "a line that comes" });
  } finally {
    child.kill();
  }
  expect(out).toBe("shop-1 before\nshop-2 after\n");
  expect(complaints).toBe("");
});
