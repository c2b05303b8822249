/** Deletions, ready to be asked stream by stream, and of a stream's lines which they mean. */
import type { Labels, LogBlock, Matcher } from "@binnacle/model";
import { compileMatcher, type MatcherPredicate } from "@binnacle/re2";
import { selectLines } from "../engine/block-walk.ts";
import { allLines, type LineNumbers } from "../engine/line-filter.ts";
import { Line } from "../engine/line.ts";
import { compilePipeline, type CompiledPipeline } from "../engine/pipeline.ts";
import { newStats } from "../engine/query-stats.ts";
import type { LineDeletion } from "./line-deletion.ts";

/** A deletion as one stream meets it. */
export interface StreamDeletion {
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly through: number;
  /** Whether all lines of the range are meant. */
  readonly isWhole: boolean;
  /** The lines of a block of this stream that are meant, whatever their time. Ascending. */
  select(block: LogBlock): LineNumbers;
}

interface Compiled {
  readonly deletion: LineDeletion;
  readonly predicates: readonly MatcherPredicate[];
  /** Compiled when the first stream needs it. */
  pipeline: CompiledPipeline | undefined;
}

const NONE: readonly StreamDeletion[] = [];

/** Lines that are put together at once. */
const LINES_AT_ONCE = 256;

export class DeletionFilter {
  readonly #compiled: readonly Compiled[];

  /** Throws BAD_REGEXP. */
  constructor(deletions: readonly LineDeletion[]) {
    this.#compiled = deletions.map((deletion) => ({
      deletion,
      predicates: deletion.matchers.map(compileMatcher),
      pipeline: undefined,
    }));
  }

  /** The deletions that are about a stream. */
  of(labels: Labels): readonly StreamDeletion[] {
    if (this.#compiled.length === 0) return NONE;
    const meant = this.#compiled.filter(({ predicates }) => matchesAll(labels, predicates));
    return meant.map((compiled) => {
      const { startNs, endNs, through, stages } = compiled.deletion;
      const select = (block: LogBlock): LineNumbers => selectDeleted(pipelineOf(compiled), labels, block);
      return { startNs, endNs, through, isWhole: stages.length === 0, select };
    });
  }

  /** Whether all lines of a stream in a source that lie between two times, both included, are deleted. */
  hidesAll(
    labels: Labels,
    { generation, minNs, maxNs }: { generation: number; minNs: bigint; maxNs: bigint },
  ): boolean {
    return this.#compiled.some(
      ({ deletion: { through, startNs, endNs, stages }, predicates }) =>
        stages.length === 0 &&
        generation <= through &&
        startNs <= minNs &&
        maxNs <= endNs &&
        matchesAll(labels, predicates),
    );
  }
}

/** Throws BAD_REGEXP. */
export function matcherTest(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const predicates = matchers.map(compileMatcher);
  return (labels) => matchesAll(labels, predicates);
}

function matchesAll(labels: Labels, predicates: readonly MatcherPredicate[]): boolean {
  return predicates.every((predicate) => predicate.test(labels.get(predicate.matcher.name)));
}

function pipelineOf(compiled: Compiled): CompiledPipeline {
  const { matchers, stages } = compiled.deletion;
  const position = { line: 1, column: 1 };
  return (compiled.pipeline ??= compilePipeline({ kind: "pipeline", position, matchers, stages }));
}

function selectDeleted(pipeline: CompiledPipeline, labels: Labels, block: LogBlock): LineNumbers {
  const kept = selectLines(pipeline, block, newStats()) ?? allLines(block.timesNs.length);
  if (pipeline.stages.length === 0) return kept;
  const line = new Line({ detectsLevel: true });
  line.setStream(labels);
  const { timesNs, metadata } = block;
  const selected: number[] = [];
  for (let done = 0; done < kept.length; done += LINES_AT_ONCE) {
    const rows = kept.subarray(done, done + LINES_AT_ONCE);
    const isWhole = block.read === undefined;
    const { bytes, offsets } = isWhole ? block : block.read!(rows);
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      const place = isWhole ? row : k;
      line.reset(timesNs[row]!, bytes.subarray(offsets[place], offsets[place + 1]), metadata?.[row]);
      if (pipeline.stages.every((stage) => stage(line))) selected.push(row);
    }
  }
  return Uint32Array.from(selected);
}
