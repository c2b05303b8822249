/** A real process that is killed, as the kernel does it: what it had sent it does not send again. */
import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TestServer } from "../testing-http.ts";
import type { NotificationPayload } from "./payload.ts";

let dir: string;
let server: TestServer;
beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), "binnacle-kill-"));
  server = await TestServer.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

async function start(): Promise<ChildProcess> {
  const child = fork(new URL("../testing-notifier.ts", import.meta.url), [dir, `${server.url}/hook`]);
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`the notifier ended with ${code}`)));
  });
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

const statuses = (): string[] => server.requests.map(({ body }) => (body as NotificationPayload).status);

test("kill -9 neither repeats nor forgets a notification", async () => {
  const first = await start();
  first.send({ name: "a", state: "firing" });
  await vi.waitFor(() => expect(statuses()).toEqual(["firing"]), { timeout: 5000 });
  // Told again and again of the same, it has noted down by the second interval that it was sent.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await kill(first);

  const second = await start();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(statuses(), "repeated").toEqual(["firing"]);
  second.send({ name: "a", state: "resolved" });
  await vi.waitFor(() => expect(statuses()).toEqual(["firing", "resolved"]), { timeout: 5000 });
  await kill(second);
});
