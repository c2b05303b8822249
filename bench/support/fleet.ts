/**
 * A fleet of targets made of the recorded exporters: target i replays exporter i mod 4 from row (i × 7919)
 * mod rows, so that no two tell the same story at the same time.
 */
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import type { Labels } from "@binnacle/model";
import { sharedDir } from "../../test/support/places.ts";
import { loadRecording, type RecordedSeries } from "../../test/support/recorded.ts";

export const EXPORTERS = ["node", "prom", "am", "vm"] as const;
/** Rows a recording has. */
const RECORDED_ROWS = 900;

export interface FleetTarget {
  readonly instance: string;
  readonly labels: readonly Labels[];
  /** Value of series s at a step; NaN where the exporter did not give it. */
  value(series: number, step: number): number;
}

export function fleet(targetCount: number): FleetTarget[] {
  const recordings = EXPORTERS.map((job) => loadRecording([job], RECORDED_ROWS));
  if (!recordings.every(({ isReal }) => isReal)) {
    throw new Error(
      "this bench needs the recorded exporters: set BINNACLE_SHARED to the folder that holds data/",
    );
  }
  return Array.from({ length: targetCount }, (_, i) => {
    const { series } = recordings[i % EXPORTERS.length]!;
    const instance = `host-${i}:9100`;
    const first = (i * 7919) % RECORDED_ROWS;
    return {
      instance,
      labels: series.map(({ labels }) => labels.with({ instance })),
      value: (s, step) => valueAt(series[s]!, first + step),
    };
  });
}

function valueAt({ values }: RecordedSeries, row: number): number {
  return values[row % values.length]!;
}

/** The recorded expositions of one exporter, as it answered. */
export function expositions(exporter: (typeof EXPORTERS)[number]): Buffer[] {
  const bytes = zlib.zstdDecompressSync(
    fs.readFileSync(path.join(sharedDir(), "metrics", `${exporter}.scrapes.zst`)),
  );
  const texts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at);
    texts.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return texts;
}
