/** `binnacle logstore verify`. */
import path from "node:path";
import { verifyLogStore } from "@binnacle/logs";
import { BinnacleError } from "@binnacle/model";
import { DataLock } from "../life/data-lock.ts";
import { logsDir } from "./logstore-store.ts";
import { print, Progress } from "./output/progress.ts";

/** Prints what is damaged. Throws CORRUPT_DATA when anything is, so that the exit code says so too. */
export function verify(dataDir: string): void {
  const dir = logsDir(dataDir);
  using _lock = new DataLock(path.resolve(dataDir));
  const { total, files } = verifyLogStore(dir);
  let lines = 0;
  let done = 0;
  let damaged = 0;
  {
    using progress = new Progress("files", total);
    for (const file of files) {
      lines += file.lines ?? 0;
      if (file.damage.length > 0) damaged++;
      for (const text of file.damage) print(text);
      progress.show(++done);
    }
  }
  print(`${total} files, ${lines} lines, ${damaged} files damaged`);
  if (damaged > 0) throw new BinnacleError("CORRUPT_DATA", `${damaged} of ${total} files are damaged`);
}
