/** Times of a block's lines as doubles relative to an anchor: exact within 104 days of it. */
import type { LogBlock } from "@binnacle/model";

/** How far from the anchor times may be, ns. */
export const RELATIVE_NS_MAX = 2n ** 53n;

export interface RelativeTimes {
  at(row: number): number;
}

export function relativeTimes(block: LogBlock, anchorNs: bigint): RelativeTimes {
  const { ticks } = block;
  if (ticks === undefined) {
    const { timesNs } = block;
    return { at: (row) => Number(timesNs[row]! - anchorNs) };
  }
  const { baseNs, unitNs, values } = ticks;
  const offsetNs = Number(baseNs - anchorNs);
  return { at: (row) => offsetNs + values[row]! * unitNs };
}
