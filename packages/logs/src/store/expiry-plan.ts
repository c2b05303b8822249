/**
 * Which parts have expired, in whole or for some of their streams, and which go so that the rest fits:
 * decided here from figures alone, done elsewhere.
 */
import type { Labels } from "@binnacle/model";
import type { PartIndex } from "../part/part-index.ts";

export interface ExpiringPart {
  readonly bytes: number;
  readonly maxNs: bigint;
  readonly index: Pick<PartIndex, "streams" | "runsOf" | "runs">;
}

export interface ExpiryPlan<Part> {
  /** Nothing of them is kept. */
  readonly gone: readonly Part[];
  /** Worth writing anew: of some of their streams nothing is kept. */
  readonly partly: readonly Part[];
}

/** `oldestNs` is the time before which nothing of a stream is kept. */
export function planExpiry<Part extends ExpiringPart>(
  parts: readonly Part[],
  oldestNs: (labels: Labels) => bigint | undefined,
): ExpiryPlan<Part> {
  const gone: Part[] = [];
  const partly: Part[] = [];
  for (const part of parts) {
    const { streams, runsOf, runs } = part.index;
    let expired = 0;
    // A stream's share of a part waits until the part's whole day is past, so that each part is written anew
    // only once for all streams that are kept equally long.
    let isWorthIt = false;
    for (let stream = 0; stream < streams.length; stream++) {
      const streamOldestNs = oldestNs(streams[stream]!);
      if (streamOldestNs === undefined) continue;
      const maxNs = greatest(runs.maxNs, runsOf[stream]!, runsOf[stream + 1]!);
      if (maxNs < streamOldestNs) expired++;
      if (part.maxNs < streamOldestNs) isWorthIt = true;
    }
    if (expired === streams.length) gone.push(part);
    else if (isWorthIt) partly.push(part);
  }
  return { gone, partly };
}

function greatest(times: BigInt64Array, from: number, to: number): bigint {
  let found = times[from]!;
  for (let i = from + 1; i < to; i++) if (times[i]! > found) found = times[i]!;
  return found;
}

/** Parts to remove so that what is left fits: those first whose newest line is oldest. */
export function planSizeExpiry<Part extends ExpiringPart>(
  parts: readonly Part[],
  options: { readonly bytesMax: number; readonly journalBytes: number },
): readonly Part[] {
  let excess = options.journalBytes - options.bytesMax;
  for (const { bytes } of parts) excess += bytes;
  const gone: Part[] = [];
  for (const part of [...parts].sort((a, b) => (a.maxNs < b.maxNs ? -1 : a.maxNs > b.maxNs ? 1 : 0))) {
    if (excess <= 0) break;
    gone.push(part);
    excess -= part.bytes;
  }
  return gone;
}
