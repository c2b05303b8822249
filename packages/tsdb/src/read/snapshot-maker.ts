/**
 * Makes snapshots for readers, on the thread that owns the store; keeps their blocks until they are released.
 */
import type { BlockSet } from "../block/block-set.ts";
import type { Deletion } from "../deletion.ts";
import type { HeadGeneration } from "../head/generation.ts";
import type { Head } from "../head/head.ts";
import { selectSlots } from "../head/select-slots.ts";
import type { BlockMeta } from "../plan.ts";
import { overlaps } from "./pieces.ts";
import type { HeadSnapshot, KnownMemory, Snapshot } from "./snapshot.ts";
import type { HeadNamesRequest, SnapshotRequest } from "./source.ts";

export class SnapshotMaker {
  readonly #head: Head;
  readonly #blocks: BlockSet;
  readonly #pinned = new Map<number, readonly BlockMeta[]>();
  readonly #deletions: () => readonly Deletion[];
  /** Memory of generations, with the last snapshot that may name it; oldest first. */
  readonly #retired: { readonly segments: readonly SharedArrayBuffer[]; readonly lastId: number }[] = [];
  #lastId = 0;

  /** `deletions` gives those in force. */
  constructor(head: Head, blocks: BlockSet, deletions: () => readonly Deletion[]) {
    this.#head = head;
    this.#blocks = blocks;
    this.#deletions = deletions;
  }

  /** Snapshots not released yet. */
  get openCount(): number {
    return this.#pinned.size;
  }

  /** One consistent view: nothing is appended, sealed or removed while it is made. Throws BAD_REGEXP. */
  make(request: SnapshotRequest, known: KnownMemory, pathsGone: readonly string[]): Snapshot {
    const { registry } = this.#head;
    const slots = unionOf(request.selectors.map((matchers) => selectSlots(registry, matchers)));
    const generations = [...this.#head.frozen, this.#head.open];
    const heads: HeadSnapshot[] = [];
    for (const generation of generations) {
      if (slots.length === 0 || !overlaps(request, generation.minTimeMs, generation.maxTimeMs)) continue;
      heads.push(generation.snapshot(slots, registry, known.generations.get(generation.id) ?? 0));
    }
    const blocks = this.#blocks.overlapping(request.startMs, request.endMs);
    const id = ++this.#lastId;
    this.#blocks.pin(blocks);
    this.#pinned.set(id, blocks);
    const labelsFrom = known.labelTable === registry.tableNumber ? known.labelSegments : 0;
    return {
      id,
      labels: {
        table: registry.tableNumber,
        segmentsFrom: labelsFrom,
        segments: heads.length === 0 ? [] : registry.segments.slice(labelsFrom),
      },
      heads,
      blocks: blocks.map((block) => ({ id: block.id, path: this.#blocks.path(block) })),
      deletions: this.#deletions().filter(({ startMs, endMs }) => overlaps(request, startMs, endMs)),
      generationsLive: generations.map((generation) => generation.id),
      pathsGone,
    };
  }

  release(id: number): void {
    const blocks = this.#pinned.get(id);
    if (blocks === undefined) return;
    this.#pinned.delete(id);
    this.#blocks.unpin(blocks);
    this.#reuseMemory();
  }

  /** The memory of a generation that is no more is used again when no open snapshot can name it. */
  retire({ arena }: HeadGeneration): void {
    this.#retired.push({ segments: arena.segments, lastId: this.#lastId });
    this.#reuseMemory();
  }

  #reuseMemory(): void {
    const [oldestOpen = Number.POSITIVE_INFINITY] = this.#pinned.keys();
    while (this.#retired.length > 0 && this.#retired[0]!.lastId < oldestOpen) {
      this.#head.segments.give(this.#retired.shift()!.segments);
    }
  }

  /** Names, or one name's values, of all series of the head, if the head has anything in the range. */
  headNames({ label, startMs, endMs }: HeadNamesRequest): string[] {
    const generations = [...this.#head.frozen, this.#head.open];
    if (!generations.some((each) => overlaps({ startMs, endMs }, each.minTimeMs, each.maxTimeMs))) return [];
    const { postings, labelTable } = this.#head.registry;
    if (label === undefined) return [...postings.keys()].map((name) => labelTable.text(name));
    const name = this.#head.registry.findText(label);
    const values = name === undefined ? undefined : postings.get(name);
    return values === undefined ? [] : [...values.keys()].map((value) => labelTable.text(value));
  }
}

function unionOf(lists: readonly (readonly number[])[]): readonly number[] {
  return lists.length === 1 ? lists[0]! : [...new Set(lists.flat())];
}
