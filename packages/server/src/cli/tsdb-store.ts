/** A metrics store opened for a command: locked, without upkeep of its own, and with nothing that expires. */
import path from "node:path";
import { NO_LOGGER, NO_METER, SYSTEM_CLOCK } from "@binnacle/model";
import { MetricStore } from "@binnacle/tsdb";
import { DataLock } from "../life/data-lock.ts";
import { FOREVER_MS, storeDir } from "./offline.ts";

/** The folder of the metrics store. Throws FatalError where there is none. */
export function metricsDir(dataDir: string): string {
  return storeDir(dataDir, { name: "metrics store", folder: "metrics", marker: "FORMAT" });
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
