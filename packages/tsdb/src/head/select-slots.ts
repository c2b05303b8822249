/**
 * Finds the series of the head that match: the shortest list of candidates, then every matcher on each of
 * them.
 */
import type { Matcher } from "@binnacle/model";
import { compileMatcher, type MatcherPredicate } from "@binnacle/re2";
import type { SeriesRegistry } from "./series-registry.ts";

/** Slots of the series that satisfy all matchers, each once. Throws BAD_REGEXP. */
export function selectSlots(registry: SeriesRegistry, matchers: readonly Matcher[]): number[] {
  const tests: SlotTest[] = [];
  let best: { size: number; lists: Iterable<number>[] } | undefined;
  for (const predicate of matchers.map(compileMatcher)) {
    const name = registry.findText(predicate.matcher.name);
    if (name === undefined) {
      // No series has such a label, so all of them match or none does.
      if (predicate.matchesEmpty) continue;
      return [];
    }
    tests.push(new SlotTest(registry, predicate, name));
    if (predicate.matchesEmpty) continue;
    const candidates = candidatesOf(registry, predicate, name);
    if (best === undefined || candidates.size < best.size) best = candidates;
  }
  const slots: number[] = [];
  for (const list of best?.lists ?? [liveSlots(registry)]) {
    for (const slot of list) if (tests.every((test) => test.holds(slot))) slots.push(slot);
  }
  return slots;
}

function* liveSlots(registry: SeriesRegistry): IterableIterator<number> {
  for (let slot = 0; slot < registry.slotsUsed; slot++) if (registry.addressOf(slot) !== 0) yield slot;
}

function candidatesOf(
  registry: SeriesRegistry,
  predicate: MatcherPredicate,
  name: number,
): { size: number; lists: Iterable<number>[] } {
  const byValue = registry.postings.get(name);
  const lists: Iterable<number>[] = [];
  let size = 0;
  const add = (value: number): void => {
    const list = byValue?.get(value);
    if (list === undefined) return;
    size += list.length;
    lists.push(list.view());
  };
  if (predicate.values !== undefined) {
    for (const text of new Set(predicate.values)) {
      const value = registry.findText(text);
      if (value !== undefined) add(value);
    }
  } else if (byValue !== undefined) {
    for (const value of byValue.keys()) if (predicate.test(registry.labelTable.text(value))) add(value);
  }
  return { size, lists };
}

/** One matcher on the series of the head; each value is tested once. */
class SlotTest {
  readonly #registry: SeriesRegistry;
  readonly #predicate: MatcherPredicate;
  readonly #name: number;
  readonly #verdicts = new Map<number, boolean>();

  constructor(registry: SeriesRegistry, predicate: MatcherPredicate, name: number) {
    this.#registry = registry;
    this.#predicate = predicate;
    this.#name = name;
  }

  holds(slot: number): boolean {
    const words = this.#registry.labelTable.words(this.#registry.addressOf(slot));
    for (let i = 1; i < words.length; i += 2) {
      if (words[i] !== this.#name) continue;
      const value = words[i + 1]!;
      let verdict = this.#verdicts.get(value);
      if (verdict === undefined) {
        verdict = this.#predicate.test(this.#registry.labelTable.text(value));
        this.#verdicts.set(value, verdict);
      }
      return verdict;
    }
    return this.#predicate.matchesEmpty;
  }
}
