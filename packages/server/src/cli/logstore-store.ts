/** A log store opened for a command: locked, with nothing that expires, and taking lines of any time. */
import fs from "node:fs";
import path from "node:path";
import { LogStore } from "@binnacle/logs";
import { FatalError, NO_LOGGER, NO_METER, QueryContext, SYSTEM_CLOCK } from "@binnacle/model";
import { DataLock } from "../life/data-lock.ts";
import { IMPORT_LINE_BYTES_MAX } from "../limits.ts";

/** Longer than any line is ahead of the clock. */
const FOREVER_MS = 1000 * 365 * 86_400_000;

/** The folder of the log store. Throws FatalError where there is none. */
export function logsDir(dataDir: string): string {
  const dir = path.join(path.resolve(dataDir), "logs");
  if (!fs.existsSync(path.join(dir, "VERSION"))) throw new FatalError("there is no log store", { path: dir });
  return dir;
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

/** A query without bounds: a command reads one block after the other. */
export function unboundedQuery(): QueryContext {
  const most = Number.MAX_SAFE_INTEGER;
  return new QueryContext({ limits: { timeoutMs: most, samplesMax: most, bytesMax: most } });
}
