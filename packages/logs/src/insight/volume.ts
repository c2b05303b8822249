/** How many lines and bytes streams hold in a range, in all or step by step. */
import { Labels, type LogSource, type Matcher, type QueryContext } from "@binnacle/model";

export interface StreamRange {
  readonly matchers: readonly Matcher[];
  /** Unix ns, half-open. */
  readonly startNs: bigint;
  readonly endNs: bigint;
}

export interface StreamStats {
  readonly streams: number;
  /** Runs of lines that are stored together. */
  readonly chunks: number;
  readonly entries: number;
  readonly bytes: number;
}

export async function streamStats(
  range: StreamRange,
  source: LogSource,
  context: QueryContext,
): Promise<StreamStats> {
  const sum = { streams: 0, chunks: 0, entries: 0, bytes: 0 };
  await eachBlock(range, source, context, (_labels, entries, bytes, _timesNs, isFirst) => {
    if (isFirst) sum.streams++;
    sum.chunks++;
    sum.entries += entries;
    sum.bytes += bytes;
  });
  return sum;
}

export interface VolumeQuery extends StreamRange {
  /**
   * Labels that streams are added up by; empty: those that the matchers name, or all where they name none.
   */
  readonly targetLabels: readonly string[];
  /** One volume for each value of the labels together, or one for each label by itself. */
  readonly aggregateBy: "series" | "labels";
  /** Undefined: one figure for the whole range. */
  readonly stepNs: bigint | undefined;
  /** Largest first, this many. */
  readonly limit: number;
}

export interface Volume {
  readonly labels: Labels;
  readonly bytes: number;
  /** Bytes by number of the step, counted from the start. */
  readonly steps: ReadonlyMap<number, number>;
}

export async function streamVolumes(
  query: VolumeQuery,
  source: LogSource,
  context: QueryContext,
): Promise<Volume[]> {
  const volumes = new Map<string, { labels: Labels; bytes: number; steps: Map<number, number> }>();
  const named =
    query.targetLabels.length > 0 ? query.targetLabels : query.matchers.map((matcher) => matcher.name);
  await eachBlock(query, source, context, (stream, entries, bytes, timesNs) => {
    for (const labels of groupsOf(stream, named, query.aggregateBy)) {
      let volume = volumes.get(labels.key());
      if (volume === undefined) {
        volumes.set(labels.key(), (volume = { labels, bytes: 0, steps: new Map() }));
      }
      volume.bytes += bytes;
      if (query.stepNs === undefined) continue;
      // A block knows its bytes as a whole: its lines share them evenly.
      for (const timeNs of timesNs) {
        const step = Number((timeNs - query.startNs) / query.stepNs);
        volume.steps.set(step, (volume.steps.get(step) ?? 0) + bytes / entries);
      }
    }
  });
  return [...volumes.values()]
    .sort((a, b) => b.bytes - a.bytes || (a.labels.key() < b.labels.key() ? -1 : 1))
    .slice(0, query.limit);
}

function groupsOf(stream: Labels, named: readonly string[], by: "series" | "labels"): Labels[] {
  const isAll = named.length === 0;
  if (by === "series") return [isAll ? stream : stream.only(new Set(named))];
  const names = isAll
    ? [...stream.entries()].map(([name]) => name)
    : named.filter((name) => stream.has(name));
  return names.map((name) => Labels.from([[name, name]]));
}

async function eachBlock(
  { matchers, startNs, endNs }: StreamRange,
  source: LogSource,
  context: QueryContext,
  visit: (labels: Labels, entries: number, bytes: number, timesNs: BigInt64Array, isFirst: boolean) => void,
): Promise<void> {
  using set = await source.select({ matchers, startNs, endNs, hints: [], direction: "forward" }, context);
  for (const [stream, labels] of set.streams.entries()) {
    let isFirst = true;
    for (const block of set.read(stream, context)) {
      context.check();
      const entries = block.timesNs.length;
      if (entries === 0) continue;
      const bytes = block.textBytes ?? block.offsets[entries]! - block.offsets[0]!;
      visit(labels, entries, bytes, block.timesNs, isFirst);
      isFirst = false;
    }
  }
}
