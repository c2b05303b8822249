/** `binnacle tsdb verify`. */
import path from "node:path";
import { BinnacleError } from "@binnacle/model";
import { verifyStore } from "@binnacle/tsdb";
import { DataLock } from "../life/data-lock.ts";
import { print, Progress } from "./output/progress.ts";
import { metricsDir } from "./tsdb-store.ts";

/** Prints what is damaged. Throws CORRUPT_DATA when anything is, so that the exit code says so too. */
export function verify(dataDir: string): void {
  const dir = metricsDir(dataDir);
  using _lock = new DataLock(path.resolve(dataDir));
  const { total, files } = verifyStore(dir);
  let samples = 0;
  let done = 0;
  let damaged = 0;
  {
    using progress = new Progress("files", total);
    for (const file of files) {
      samples += file.samples ?? 0;
      if (file.damage.length > 0) damaged++;
      for (const text of file.damage) print(text);
      progress.show(++done);
    }
  }
  print(`${total} files, ${samples} samples, ${damaged} files damaged`);
  if (damaged > 0) throw new BinnacleError("CORRUPT_DATA", `${damaged} of ${total} files are damaged`);
}
