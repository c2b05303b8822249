/** A log store opened for a command: locked, with nothing that expires, and taking lines of any time. */
import path from "node:path";
import { LogStore } from "@binnacle/logs";
import { NO_LOGGER, NO_METER, SYSTEM_CLOCK } from "@binnacle/model";
import { DataLock } from "../life/data-lock.ts";
import { IMPORT_LINE_BYTES_MAX } from "../limits.ts";
import { FOREVER_MS, storeDir } from "./offline.ts";

/** The folder of the log store. Throws FatalError where there is none. */
export function logsDir(dataDir: string): string {
  return storeDir(dataDir, { name: "log store", folder: "logs", marker: "VERSION" });
}

/** Opens it, made if need be, and closes it and lets go of the lock after `use`. */
export async function withLogStore<T>(dataDir: string, use: (store: LogStore) => Promise<T>): Promise<T> {
  using _lock = new DataLock(path.resolve(dataDir));
  await using store = await LogStore.open({
    dir: path.join(path.resolve(dataDir), "logs"),
    clock: SYSTEM_CLOCK,
    logger: NO_LOGGER,
    meter: NO_METER,
    retentionMs: undefined,
    // A batch of an import is no client's retry.
    keepsRepeatedBatches: true,
    limits: { futureGraceMs: FOREVER_MS, lineBytesMax: IMPORT_LINE_BYTES_MAX },
  });
  return await use(store);
}
