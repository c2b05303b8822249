/**
 * Runs of the sections of a stream. A section whose times do not ascend is put in order when it is
 * opened.
 */
import type { LineMetadata } from "@binnacle/model";
import { readSection, type Section } from "../store/section.ts";
import type { Run, RunColumns } from "./run.ts";

/**
 * Sections that follow each other in time are one run, so that a stream which came line by line is not as
 * many runs. `firstSequence` is the sequence of the first section.
 */
export function sectionRuns(
  arenas: readonly ArrayBufferLike[],
  places: Uint32Array,
  firstSequence: number,
): Run[] {
  const runs: Run[] = [];
  let group: Section[] = [];
  let sequence = firstSequence;
  const close = (): void => {
    if (group.length > 0) runs.push(new SectionRun(group, sequence++));
    group = [];
  };
  for (let i = 0; i < places.length; i += 2) {
    const section = readSection(arenas[places[i]!]!, places[i + 1]!, "the head of the log store");
    const last = group.at(-1);
    const follows = last !== undefined && last.isAscending && section.minNs >= last.maxNs;
    if (!(follows && section.isAscending && group.length < GROUP_SECTIONS_MAX)) close();
    group.push(section);
  }
  close();
  return runs;
}

/** Sections of one run: so many at most, since opening a run copies them together. */
const GROUP_SECTIONS_MAX = 512;

class SectionRun implements Run {
  readonly minNs: bigint;
  readonly maxNs: bigint;
  readonly sequence: number;
  readonly #sections: readonly Section[];

  constructor(sections: readonly Section[], sequence: number) {
    this.#sections = sections;
    this.sequence = sequence;
    // Either one section, or several that ascend.
    this.minNs = sections[0]!.minNs;
    this.maxNs = sections.at(-1)!.maxNs;
  }

  open(): RunColumns {
    const [only] = this.#sections;
    if (this.#sections.length > 1) return joinSections(this.#sections);
    if (!only!.isAscending) return sortSection(only!);
    const { timesNs, offsets, text } = only!;
    return { timesNs, offsets, bytes: text, metadata: only!.metadata() };
  }
}

function joinSections(sections: readonly Section[]): RunColumns {
  let lines = 0;
  let textBytes = 0;
  for (const section of sections) {
    lines += section.lines;
    textBytes += section.text.length;
  }
  const timesNs = new BigInt64Array(lines);
  const offsets = new Uint32Array(lines + 1);
  const bytes = new Uint8Array(textBytes);
  let metadata: (LineMetadata | undefined)[] | undefined;
  let row = 0;
  let at = 0;
  for (const section of sections) {
    timesNs.set(section.timesNs, row);
    bytes.set(section.text, at);
    for (let i = 1; i <= section.lines; i++) offsets[row + i] = at + section.offsets[i]!;
    const column = section.metadata();
    if (column !== undefined) {
      metadata ??= Array.from({ length: lines }, () => undefined);
      for (let i = 0; i < column.length; i++) metadata[row + i] = column[i];
    }
    row += section.lines;
    at += section.text.length;
  }
  return { timesNs, offsets, bytes, metadata };
}

/** Stable by time: lines at the same time stay in order of arrival. */
function sortSection(section: Section): RunColumns {
  const { timesNs: times, offsets: ends, text, lines } = section;
  const order = Array.from({ length: lines }, (_, i) => i);
  order.sort((a, b) => (times[a]! < times[b]! ? -1 : times[a]! > times[b]! ? 1 : a - b));
  const column = section.metadata();
  const timesNs = new BigInt64Array(lines);
  const offsets = new Uint32Array(lines + 1);
  const bytes = new Uint8Array(text.length);
  let at = 0;
  for (let row = 0; row < lines; row++) {
    const i = order[row]!;
    timesNs[row] = times[i]!;
    bytes.set(text.subarray(ends[i], ends[i + 1]), at);
    offsets[row + 1] = at += ends[i + 1]! - ends[i]!;
  }
  return { timesNs, offsets, bytes, metadata: column && order.map((i) => column[i]) };
}
