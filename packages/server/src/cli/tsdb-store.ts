/** A metrics store opened for a command: locked, without upkeep of its own, and with nothing that expires. */
import fs from "node:fs";
import path from "node:path";
import { FatalError, NO_LOGGER, NO_METER, QueryContext, SYSTEM_CLOCK } from "@binnacle/model";
import { MetricStore } from "@binnacle/tsdb";
import { DataLock } from "../life/data-lock.ts";

/** Longer than anything is kept. */
const FOREVER_MS = 1000 * 365 * 86_400_000;

/** The folder of the metrics store. Throws FatalError where there is none. */
export function metricsDir(dataDir: string): string {
  const dir = path.join(path.resolve(dataDir), "metrics");
  if (!fs.existsSync(path.join(dir, "FORMAT")))
    throw new FatalError("there is no metrics store", { path: dir });
  return dir;
}

/** Opens it, made if need be, and closes it and lets go of the lock after `use`. */
export async function withStore<T>(dataDir: string, use: (store: MetricStore) => Promise<T>): Promise<T> {
  using _lock = new DataLock(path.resolve(dataDir));
  await using store = await MetricStore.open({
    dir: path.join(path.resolve(dataDir), "metrics"),
    clock: SYSTEM_CLOCK,
    logger: NO_LOGGER,
    meter: NO_METER,
    retentionMs: FOREVER_MS,
    outOfOrderWindowMs: FOREVER_MS,
    journalSync: "page-cache",
    limits: { maintenanceIntervalMs: 0 },
  });
  return await use(store);
}

/** A query without bounds: a command reads one series after the other. */
export function unbounded(): QueryContext {
  const most = Number.MAX_SAFE_INTEGER;
  return new QueryContext({ limits: { timeoutMs: most, samplesMax: most, bytesMax: most } });
}
