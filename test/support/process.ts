/**
 * Starts a program, waits until it answers, keeps what it says, and stops it: by its own id, never by name.
 */
import { spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface StartOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Ready once this address answers 200. */
  readonly readyUrl: string;
  readonly timeoutMs?: number;
}

export class RunningProcess {
  readonly child: ChildProcess;
  #output = "";

  private constructor(child: ChildProcess) {
    this.child = child;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-200_000);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
  }

  /** Throws with the program's output when it ends or does not become ready in time. */
  static async start(options: StartOptions): Promise<RunningProcess> {
    const child = spawn(options.file, options.args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const running = new RunningProcess(child);
    const failed = new Promise<never>((_resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        reject(
          new Error(`${options.file} ended (${code ?? signal}) before it was ready:\n${running.output}`),
        );
      });
    });
    failed.catch(() => undefined);
    const timeoutMs = options.timeoutMs ?? 30_000;
    try {
      await Promise.race([
        waitFor(() => answers(options.readyUrl), { timeoutMs, what: `${options.readyUrl} to answer` }),
        failed,
      ]);
    } catch (error) {
      await running.stop("SIGKILL");
      throw new Error(`${String(error)}\n${running.output}`, { cause: error });
    }
    return running;
  }

  /** The last of what it wrote to standard output and standard error. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Resolves with the exit code, or the signal's name. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | string> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode!;
    const ended = new Promise<number | string>((resolve) => {
      child.once("exit", (code, name) => resolve(code ?? name ?? ""));
    });
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    const result = await ended;
    clearTimeout(timer);
    return result;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Polls until a condition holds (a value that is not false or undefined), and gives that value. */
export async function waitFor<T>(
  condition: () => Promise<T | false | undefined> | T | false | undefined,
  options: { timeoutMs?: number; what: string },
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 20_000;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${options.what}`);
    await sleep(50);
  }
}

/** A port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A new folder below the system's temporary one. */
export function temporaryDir(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), "binnacle-test-"));
}
