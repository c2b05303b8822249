/**
 * The store as a query thread sees it: the main thread looks streams up, the lines are read here. No LMDB in
 * here.
 */
import { callPort, Labels, type ListSelection, type LogSource, type PortLike } from "@binnacle/model";
import { SnapshotReader } from "./read/snapshot-reader.ts";
import type { LogServiceMethods } from "./read/service.ts";

/** Reads through a port whose other end LogStore.serve answers. */
export function openLogReader(port: PortLike): LogSource {
  const store = callPort<LogServiceMethods>(port);
  const reader = new SnapshotReader((path) => void store.damaged(path));
  return {
    async select(selection, context) {
      context.check();
      const snapshot = await store.snapshot(selection);
      return reader.open(snapshot, selection, () => void store.release(snapshot.id));
    },
    async streams(selection: ListSelection) {
      return (await store.streams(selection)).map((pairs) => Labels.fromSortedPairs(pairs));
    },
    labelNames: (selection) => store.labelNames(selection),
    labelValues: (name, selection) => store.labelValues({ name, selection }),
  };
}
