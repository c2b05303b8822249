/** Reads all of a store's files and says which are damaged, and where. Changes nothing. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseBlockFile } from "./block/block-name.ts";
import { BlockReader } from "./block/block-reader.ts";
import { PageCache } from "./block/page-cache.ts";
import { replayJournal } from "./journal/replay.ts";
import type { RecordHandler } from "./journal/journal-record.ts";
import { MERGE_CACHE_BYTES } from "./limits.ts";
import { decodeTombstones } from "./tombstone-store.ts";

/** One file that was read. */
export interface VerifiedFile {
  readonly path: string;
  /** Samples that can be read; undefined where a file has none of its own. */
  readonly samples: number | undefined;
  /** What is wrong, each with its place; none where all is well. */
  readonly damage: readonly string[];
}

/** File by file, so that whoever asks can show how far it is. `total` counts the files. */
export function verifyStore(dir: string): { total: number; files: Iterable<VerifiedFile> } {
  const blocks = list(join(dir, "blocks")).filter((file) => parseBlockFile(file) !== undefined);
  const journals = list(join(dir, "journal")).filter((file) => file.endsWith(".mdb"));
  const tombstones = join(dir, "tombstones.json");
  const steps = [
    ...blocks.map((file) => () => verifyBlock(join(dir, "blocks", file))),
    ...journals.map((file) => () => verifyJournal(join(dir, "journal", file))),
    ...(existsSync(tombstones) ? [() => verifyTombstones(tombstones)] : []),
  ];
  return {
    total: steps.length,
    files: (function* () {
      for (const step of steps) yield step();
    })(),
  };
}

function list(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir).sort() : [];
}

function verifyBlock(path: string): VerifiedFile {
  const damage = new Set<string>();
  const guard = (check: () => void): void => {
    try {
      check();
    } catch (error) {
      damage.add(error instanceof Error ? error.message : String(error));
    }
  };
  let samples = 0;
  guard(() => {
    const cache = new PageCache(MERGE_CACHE_BYTES);
    using block = new BlockReader(path, cache, ({ message }) => damage.add(message));
    block.file.readAll();
    // Then what the pages say: each series is read by itself, so that damage costs the rest nothing.
    for (let series = 0; series < block.index.seriesCount; series++) {
      guard(() => {
        block.index.labels(series);
        const { floats, histograms } = block.read(series, { startMs: -(2 ** 52), endMs: 2 ** 52 });
        for (const { times } of [...floats, ...histograms]) samples += times.length;
      });
    }
    const { sampleCount } = block.file.footer;
    if (damage.size === 0 && samples !== sampleCount)
      damage.add(`${path}: ${samples} samples, where the footer says ${sampleCount}`);
  });
  return { path, samples, damage: [...damage] };
}

function verifyJournal(path: string): VerifiedFile {
  const counter = new Counter();
  const damage = replayJournal(path, counter);
  return { path, samples: counter.samples, damage: damage?.messages ?? [] };
}

class Counter implements RecordHandler {
  samples = 0;
  series: RecordHandler["series"] = () => {};
  exemplar: RecordHandler["exemplar"] = () => {};
  row: RecordHandler["row"] = (_group, _timeMs, slots) => {
    this.samples += slots.length;
  };
  late: RecordHandler["late"] = () => {
    this.samples++;
  };
  histogram: RecordHandler["histogram"] = () => {
    this.samples++;
  };
}

function verifyTombstones(path: string): VerifiedFile {
  try {
    decodeTombstones(readFileSync(path), path);
    return { path, samples: undefined, damage: [] };
  } catch (error) {
    return { path, samples: undefined, damage: [error instanceof Error ? error.message : String(error)] };
  }
}
