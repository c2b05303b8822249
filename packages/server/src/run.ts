/**
 * Runs the program: reads the configuration, listens, starts the halves, and stops them when it is told to.
 * All but the configuration is loaded once the data directory, and with it the code cache, is known.
 */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Flags, Mode } from "./cli/flags.ts";
import { loadConfig } from "./config/load-config.ts";
import { STOP_TIMEOUT_MS } from "./limits.ts";
import { DataLock } from "./life/data-lock.ts";
import { useCodeCache } from "./self/code-cache.ts";
import { GarbageWatch } from "./self/garbage-watch.ts";
import { VERSION } from "./self/version.ts";

/** Resolves once the program has stopped in good order; rejects when it cannot start. */
export async function run(mode: Mode, flags: Flags): Promise<void> {
  const config = await loadConfig(mode, flags);
  using _lock = new DataLock(config.dataDir);
  useCodeCache(config.dataDir);
  const [{ Program }, { PromMeter }, { openOwnLog }] = await Promise.all([
    import("./life/program.ts"),
    import("./self/meter.ts"),
    import("./self/own-log.ts"),
  ]);
  using logger = openOwnLog({
    file: path.join(config.dataDir, "binnacle.log"),
    level: config.logLevel,
    toStandardError: true,
  });
  for (const warning of config.warnings) logger.warn({}, warning);
  using _garbage = new GarbageWatch();
  const program = new Program({
    config,
    load: () => loadConfig(mode, flags),
    logger,
    meter: new PromMeter(),
  });
  const stopped = stopSignal();
  process.on("SIGHUP", () => {
    // What is wrong with a refused file is logged by reload itself.
    program.reload().catch(() => undefined);
  });
  try {
    const url = await program.listen();
    logger.info({ url, version: VERSION, mode, dataDir: config.dataDir }, "listening");
    if (process.stdout.isTTY) process.stdout.write(`\nBinnacle is at ${url}\n\n`);
    await program.start();
    logger.info({ afterMs: Math.round(performance.now()) }, "ready");
    const signal = await stopped;
    logger.info({ signal }, "stopping");
  } catch (error) {
    logger.error(
      { err: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      "cannot start",
    );
    throw error;
  } finally {
    await Promise.race([program.stop(), sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
  }
  logger.info({}, "stopped");
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}
