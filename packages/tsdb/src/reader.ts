/**
 * The store's reader for worker threads: asks the store for a snapshot, and reads it here. Imports neither
 * LMDB nor anything that writes.
 */
import { callPort, type MetricSource, type PortLike } from "@binnacle/model";
import { BlockCache } from "./block/block-cache.ts";
import { SnapshotOpener } from "./read/open-snapshot.ts";
import type { ReaderCalls } from "./read/port-protocol.ts";
import { SnapshotSource } from "./read/source.ts";

/** A source over the other end of a port that a MetricStore serves. */
export function openMetricReader(port: PortLike): MetricSource {
  const calls = callPort<ReaderCalls>(port);
  // Nobody waits for it: damage is said where the log is.
  const opener = new SnapshotOpener(new BlockCache((damage) => void calls.damaged(damage).catch(() => {})));
  const release = (id: number): void => {
    // Nobody waits for it: when the other end is gone, so are its pins.
    calls.release({ id }).catch(() => {});
  };
  return new SnapshotSource({
    async open(request) {
      const snapshot = await calls.snapshot({ ...request, known: opener.known });
      try {
        return opener.open(snapshot, request, () => release(snapshot.id));
      } catch (error) {
        release(snapshot.id);
        throw error;
      }
    },
    headNames: (request) => calls.headNames(request),
    changesSince: (moment, selectors) => calls.changesSince({ moment, selectors }),
  });
}
