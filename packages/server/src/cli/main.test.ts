import { BinnacleError, FatalError } from "@binnacle/model";
import { expect, test } from "vitest";
import type { Flags, Mode } from "./flags.ts";
import { main } from "./main.ts";

interface Outcome {
  readonly exitCode: number;
  readonly complaints: string;
  readonly mode: Mode | undefined;
  readonly flags: Partial<Flags>;
}

/** Runs a command line; flags that were not given are left out. */
async function run(line: string, failure?: unknown): Promise<Outcome> {
  let complaints = "";
  let mode: Mode | undefined;
  let flags: Partial<Flags> = {};
  const exitCode = await main(line.split(" "), {
    start: async (startMode, startFlags) => {
      mode = startMode;
      const given = Object.entries(startFlags).filter(([, value]) => value !== undefined);
      flags = Object.fromEntries(given) as Partial<Flags>;
      if (failure !== undefined) throw failure;
    },
    complain: (text) => (complaints += text),
    readInput: () => Promise.resolve(""),
    terminal: { write() {}, isInteractive: false, columns: 80 },
  });
  return { exitCode, complaints, mode, flags };
}

test.for<[line: string, mode: Mode, flags: Partial<Flags>]>([
  ["up", "up", { features: [] }],
  ["serve --config a.yml --data d", "serve", { config: "a.yml", data: "d", features: [] }],
  ["up --listen 127.0.0.1:0", "up", { listen: { host: "127.0.0.1", port: 0 }, features: [] }],
  ["up --listen [::1]:7070", "up", { listen: { host: "::1", port: 7070 }, features: [] }],
  ["up --listen :7070", "up", { listen: { host: "0.0.0.0", port: 7070 }, features: [] }],
  ["up --log-level DEBUG", "up", { logLevel: "debug", features: [] }],
  ["up --enable-feature=a,b --enable-feature c", "up", { features: ["a", "b", "c"] }],
  [
    "up --retention 30d --logs-retention 12h",
    "up",
    { metricsRetentionMs: 2_592_000_000, logsRetentionMs: 43_200_000, features: [] },
  ],
  ["agent --forward http://b:7070", "agent", { forward: "http://b:7070", features: [] }],
  ["agent --pod-logs /p --host-root /h", "agent", { podLogs: "/p", hostRoot: "/h", features: [] }],
  [
    "serve --config.file=p.yml --web.listen-address=:9090 --storage.tsdb.path=d --storage.tsdb.retention.time=1d" +
      " --log.level=warn --web.enable-lifecycle --web.external-url=http://b/",
    "serve",
    {
      config: "p.yml",
      listen: { host: "0.0.0.0", port: 9090 },
      data: "d",
      metricsRetentionMs: 86_400_000,
      logLevel: "warn",
      externalUrl: "http://b/",
      lifecycle: true,
      features: [],
    },
  ],
])("binnacle %s", async ([line, mode, flags]) => {
  expect(await run(line)).toEqual({ exitCode: 0, complaints: "", mode, flags });
});

test.for<[line: string, complaint: string]>([
  ["up --lisen :1", "Did you mean --listen?"],
  ["up --listen 7070", "Expected HOST:PORT"],
  ["up --listen h:70700", "Expected HOST:PORT"],
  ["up --listen a:b:1", "Expected HOST:PORT"],
  ["up --listen", "argument missing"],
  ["up --log-level loud", "Expected one of debug, info, warn, error"],
  ["up --retention 1.5d", "Expected a duration"],
  ["up --retention 0", "Expected a duration"],
  ["up --forward http://b", "unknown option '--forward'"],
  ["agent --forward b:7070", "Expected a URL"],
  ["agent --retention 1d", "unknown option '--retention'"],
  ["serve --pod-logs d", "unknown option '--pod-logs'"],
  ["up --data a --storage.tsdb.path b", "cannot be used with"],
  ["up now", "too many arguments"],
  ["fly", "unknown command 'fly'"],
])("binnacle %s is refused", async ([line, complaint]) => {
  const outcome = await run(line);
  expect(outcome).toMatchObject({ exitCode: 2, mode: undefined });
  expect(outcome.complaints).toContain(complaint);
});

test.for<[name: string, failure: unknown, complaint: string]>([
  ["bad input", new BinnacleError("BAD_CONFIG", "b.yml:1:1: found x"), "binnacle: b.yml:1:1: found x\n"],
  ["a broken disk", new FatalError("no space", { path: "/d" }), "binnacle: no space (/d)\n"],
  [
    "an address in use",
    Object.assign(new Error("listen EADDRINUSE"), { syscall: "listen" }),
    "binnacle: listen EADDRINUSE\n",
  ],
])("%s is said without a stack", async ([, failure, complaint]) => {
  expect(await run("up", failure)).toMatchObject({ exitCode: 1, complaints: complaint });
});

test("our own mistake is said with its stack", async () => {
  const outcome = await run("up", new Error("BUG: no"));
  expect(outcome.exitCode).toBe(1);
  expect(outcome.complaints).toMatch(/BUG: no\n\s+at /);
});
