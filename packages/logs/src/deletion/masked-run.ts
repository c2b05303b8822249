/** Runs without the lines that were deleted: what queries see of them, and what is written anew. */
import type { Labels, LineMetadata, LogLines } from "@binnacle/model";
import type { Needle } from "../part/needle.ts";
import { lowerBound, pickLines, RunSlice, type Run, type RunColumns } from "../read/run.ts";
import type { StreamDeletion } from "./deletion-filter.ts";

/** The runs of a stream in one source, of a generation, without what deletions take from them. */
export function withoutDeleted(
  runs: readonly Run[],
  labels: Labels,
  generation: number,
  deletions: readonly StreamDeletion[],
): readonly Run[] {
  const applying = deletions.filter(({ through }) => generation <= through);
  if (applying.length === 0) return runs;
  const left: Run[] = [];
  for (const run of runs) {
    const near = applying.filter(({ startNs, endNs }) => startNs <= run.maxNs && run.minNs <= endNs);
    const isGone = near.some(
      ({ isWhole, startNs, endNs }) => isWhole && startNs <= run.minNs && run.maxNs <= endNs,
    );
    if (!isGone) left.push(near.length === 0 ? run : new MaskedRun(run, labels, near));
  }
  return left;
}

class MaskedRun implements Run {
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly sequence: number;
  readonly #run: Run;
  readonly #labels: Labels;
  readonly #deletions: readonly StreamDeletion[];

  constructor(run: Run, labels: Labels, deletions: readonly StreamDeletion[]) {
    this.minNs = run.minNs;
    this.maxNs = run.maxNs;
    this.sequence = run.sequence;
    this.#run = run;
    this.#labels = labels;
    this.#deletions = deletions;
  }

  open(): RunColumns {
    const columns = this.#run.open();
    const { timesNs } = columns;
    const isDeleted = new Uint8Array(timesNs.length);
    let kept = timesNs.length;
    for (const deletion of this.#deletions) {
      const from = lowerBound(timesNs, deletion.startNs);
      const to = lowerBound(timesNs, deletion.endNs + 1n);
      if (from === to) continue;
      const mark = (row: number): void => {
        if (isDeleted[row] === 0) kept--;
        isDeleted[row] = 1;
      };
      if (deletion.isWhole) for (let row = from; row < to; row++) mark(row);
      else {
        const slice = new RunSlice(this.#labels, columns, from, to);
        for (const row of deletion.select(slice)) mark(from + row);
      }
    }
    if (kept === timesNs.length) return columns;
    const rows = new Uint32Array(kept);
    for (let row = 0, k = 0; row < isDeleted.length; row++) if (isDeleted[row] === 0) rows[k++] = row;
    return new KeptColumns(columns, rows);
  }
}

/** Some rows of columns; text is unpacked only when it is asked for, as in the columns behind. */
class KeptColumns implements RunColumns {
  readonly timesNs: BigInt64Array;
  readonly textBytes?: number;
  readonly #columns: RunColumns;
  readonly #rows: Uint32Array;
  #lines: LogLines | undefined;

  constructor(columns: RunColumns, rows: Uint32Array) {
    this.#columns = columns;
    this.#rows = rows;
    const { timesNs, textBytes } = columns;
    this.timesNs = BigInt64Array.from(rows, (row) => timesNs[row]!);
    if (textBytes !== undefined) this.textBytes = Math.round((textBytes / timesNs.length) * rows.length);
  }

  #all(): LogLines {
    return (this.#lines ??= this.#read(this.#rows));
  }

  #read(rows: Uint32Array): LogLines {
    return this.#columns.read === undefined ? pickLines(this.#columns, rows) : this.#columns.read(rows);
  }

  get bytes(): Uint8Array {
    return this.#all().bytes;
  }

  get offsets(): Uint32Array {
    return this.#all().offsets;
  }

  get metadata(): readonly (LineMetadata | undefined)[] | undefined {
    const { metadata } = this.#columns;
    return metadata && Array.from(this.#rows, (row) => metadata[row]);
  }

  find(needle: Needle): Uint32Array | undefined {
    const found = this.#columns.find?.(needle);
    if (found === undefined) return undefined;
    const places = new Uint32Array(found.length);
    let count = 0;
    for (let i = 0, k = 0; i < found.length && k < this.#rows.length;) {
      const difference = found[i]! - this.#rows[k]!;
      if (difference === 0) places[count++] = k;
      if (difference <= 0) i++;
      if (difference >= 0) k++;
    }
    return places.subarray(0, count);
  }

  read(places: Uint32Array): LogLines {
    return this.#read(places.map((place) => this.#rows[place]!));
  }
}
