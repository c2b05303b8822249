/**
 * Writes of LMDB that may fail, as they do on a full disk: lmdb-js rejects a failed commit with an error
 * whose reason is a promise of its own, and a promise that nobody hears ends the process. After a failed
 * commit its `flushed` never settles, so whoever writes waits for the write first.
 */
import { BinnacleError } from "@binnacle/model";

/** How long the end of an environment is waited for whose last commit failed, in ms. */
const CLOSE_MS_MAX = 1000;

/** What is asked of an environment beside its writes. */
interface Committing {
  readonly committed: PromiseLike<unknown>;
}

/**
 * Makes the writes that `work` returns (of puts and removes), and resolves when all are in the file, as far
 * as the environment syncs it. Rejects UNAVAILABLE with path and reason when one is not; the environment can
 * be written to again once there is room.
 */
export async function commit(
  path: string,
  environment: Committing,
  work: () => readonly PromiseLike<unknown>[],
): Promise<void> {
  const writes = work();
  // lmdb-js gathers the writes of a turn under one more promise, which it makes in an immediate of its own.
  setImmediate(() => void environment.committed.then(ignore, ignore));
  const outcomes = await Promise.allSettled(writes);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed === undefined) return;
  const cause: unknown = failed.reason;
  throw new BinnacleError("UNAVAILABLE", `${path} cannot be written: ${await reasonOf(cause)}`, { cause });
}

function ignore(): void {}

async function reasonOf(error: unknown): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  const { commitError } = error as { commitError?: PromiseLike<unknown> };
  if (commitError === undefined) return error.message;
  try {
    await commitError;
    return error.message;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** Closes, waiting no longer than is of use: after a failed commit lmdb-js waits for one that never comes. */
export async function closeEnvironment(environment: { close(): Promise<void> }): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS_MAX);
  });
  await Promise.race([environment.close(), timeout]);
  clearTimeout(timer);
}
