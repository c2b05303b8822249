/** For tests: a disk that is soon full. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** A file system of memory of its own below `dir`, where one may be mounted, which takes root. */
export class SmallDisk implements Disposable {
  readonly path: string;
  readonly isMounted: boolean;

  constructor(dir: string, megabytes: number) {
    this.path = join(dir, "disk");
    mkdirSync(this.path);
    const args = ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", this.path];
    this.isMounted = spawnSync("mount", args).status === 0;
  }

  [Symbol.dispose](): void {
    // Lazily: LMDB never lets go of an environment whose last commit failed.
    if (this.isMounted) spawnSync("umount", ["--lazy", this.path]);
  }
}
