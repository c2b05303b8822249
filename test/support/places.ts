/** Where things lie: the repository, the shared data (optional), the peers. */
import fs from "node:fs";
import path from "node:path";

export const repositoryRoot: string = path.resolve(import.meta.dirname, "../..");

/** The folder of shared data: BINNACLE_SHARED, or `shared` beside the repository. It may not be there. */
export function sharedDir(): string {
  const root = process.env.BINNACLE_SHARED ?? path.join(repositoryRoot, "../shared");
  return path.join(root, "data");
}

/**
 * A peer's program. Throws with what to do when it is not unpacked: comparing tests are never skipped
 * silently.
 */
export function peer(name: string): string {
  const dir = process.env.BINNACLE_PEERS ?? path.join(repositoryRoot, ".cache/peers");
  const file = path.join(dir, "usr/bin", name);
  if (!fs.existsSync(file)) {
    throw new Error(`${file} is not there: run \`node tools/setup.mjs --test\`, or set BINNACLE_PEERS`);
  }
  return file;
}
