/** What commands share that open a store themselves, while no server has it. */
import fs from "node:fs";
import path from "node:path";
import { FatalError, QueryContext } from "@binnacle/model";

/** Longer than anything is kept, and than any clock is ahead. */
export const FOREVER_MS = 1000 * 365 * 86_400_000;

/** The folder of a store, which has the file `marker`. Throws FatalError where there is none. */
export function storeDir(dataDir: string, store: { name: string; folder: string; marker: string }): string {
  const dir = path.join(path.resolve(dataDir), store.folder);
  if (!fs.existsSync(path.join(dir, store.marker)))
    throw new FatalError(`there is no ${store.name}`, { path: dir });
  return dir;
}

/** A query without bounds: a command reads one series or block after the other. */
export function unboundedQuery(): QueryContext {
  const most = Number.MAX_SAFE_INTEGER;
  return new QueryContext({ limits: { timeoutMs: most, samplesMax: most, bytesMax: most } });
}
