/** What the store answers a query thread over its port. */
import type { ListSelection, LogSelection } from "@binnacle/model";
import type { Snapshot } from "./snapshot.ts";

export interface LogServiceMethods {
  snapshot(selection: LogSelection): Snapshot;
  release(id: number): void;
  /** A part was found to be damaged. */
  damaged(path: string): void;
  /** Each stream as its labels' pairs. */
  streams(selection: ListSelection): readonly (readonly string[])[];
  labelNames(selection: ListSelection): readonly string[];
  labelValues(request: { name: string; selection: ListSelection }): readonly string[];
}
