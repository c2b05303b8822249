/** What a reader in another thread and the store say to each other. */
import type { Matcher, SourceChanges } from "@binnacle/model";
import type { Damage } from "../block/damage.ts";
import type { KnownMemory, Snapshot } from "./snapshot.ts";
import type { HeadNamesRequest, SnapshotRequest } from "./source.ts";

/** The calls a store answers on a reader's port, which is theirs alone. */
export interface ReaderCalls {
  snapshot(request: SnapshotRequest & { readonly known: KnownMemory }): Snapshot;
  headNames(request: HeadNamesRequest): readonly string[];
  changesSince(request: {
    readonly moment: number | undefined;
    readonly selectors: readonly (readonly Matcher[])[];
  }): SourceChanges;
  release(request: { readonly id: number }): void;
  damaged(damage: Damage): void;
}
