/**
 * Random label sets in blocks and the head, and random matchers of every kind: what is found is what the
 * matchers say of each label set alone.
 */
import { join } from "node:path";
import {
  compareText,
  Labels,
  QueryContext,
  seededRandom,
  type ListSelection,
  type Matcher,
  type Random,
} from "@binnacle/model";
import { expect, test } from "vitest";
import { pick } from "./test-random.ts";
import { NOW_MS, openTestStore, row, TestDir } from "./test-store.ts";

const SEED = Number(process.env["BINNACLE_SEED"] ?? 1);
/** Enough for several pages of symbols and of postings. */
const VALUES = 3000;
const ROUNDS = 300;

/** Beginnings that sort around one another: bytes, UTF-16 units and code points order them differently. */
const STEMS = ["", "a", "node_", "node_cpu", "node~", "noda", "é", "\uffee", "😀", "😀b", "z"] as const;

function valueOf(random: Random): string {
  return pick(random, STEMS) + (random.next() < 0.8 ? String(random.below(VALUES)) : "");
}

function randomLabels(random: Random): Labels {
  return Labels.fromObject({
    __name__: `m${random.below(20)}`,
    pod: valueOf(random),
    ...(random.next() < 0.5 ? { zone: pick(random, STEMS) } : {}),
  });
}

const NAMES = ["__name__", "pod", "zone", "nowhere"] as const;

interface TestedMatcher extends Matcher {
  /** What `=` or `=~` says of a value. */
  readonly isMeant: (value: string) => boolean;
}

function randomMatcher(random: Random): TestedMatcher {
  const name = pick(random, NAMES);
  const literal = name === "__name__" ? `m${random.below(25)}` : valueOf(random);
  const other = name === "__name__" ? `m${random.below(25)}` : valueOf(random);
  const isLess = random.next() < 0.4;
  const pattern = (value: string, isMeant: TestedMatcher["isMeant"]): TestedMatcher => ({
    name,
    op: isLess ? "!~" : "=~",
    value,
    isMeant,
  });
  switch (random.below(6)) {
    case 0:
      return pattern(`${literal}|${other}|none`, (text) => [literal, other, "none"].includes(text));
    case 1:
      return pattern(`${literal}.*`, (text) => text.startsWith(literal));
    case 2:
      return pattern(`${literal}.+`, (text) => text.startsWith(literal) && text !== literal);
    case 3:
      return pattern(`${literal}(1|22)?`, (text) => ["", "1", "22"].some((end) => text === literal + end));
    case 4:
      return pattern(`.*${literal}`, (text) => text.endsWith(literal));
    default:
      return { name, op: isLess ? "!=" : "=", value: literal, isMeant: (text) => text === literal };
  }
}

function holds({ name, op, isMeant }: TestedMatcher, series: Labels): boolean {
  return isMeant(series.get(name)) === (op === "=" || op === "=~");
}

test(`matchers of every kind find what they say, with limits and bounds, seed ${SEED}`, async () => {
  const random = seededRandom(SEED);
  using dir = new TestDir();
  using snapshots = new TestDir();
  await using store = await openTestStore(dir.path);
  /** Minute in which a series has its sample: each of the first two is a block of its own. */
  const minutes = new Map<string, { labels: Labels; in: Set<number> }>();
  const known: Labels[] = [];
  for (let minute = 0; minute < 3; minute++) {
    const fresh = Array.from({ length: 2500 }, () => randomLabels(random));
    const all = [...fresh, ...known.filter(() => random.next() < 0.3)];
    const unique = [...new Map(all.map((labels) => [labels.key(), labels])).values()];
    const refs = unique.map((labels) => [store.series(labels), minute] as const);
    const { rejected } = await store.append([row("g", NOW_MS + minute * 60_000, refs)]);
    expect(rejected).toBe(0);
    for (const labels of unique) {
      const entry = minutes.get(labels.key()) ?? { labels, in: new Set() };
      entry.in.add(minute);
      minutes.set(labels.key(), entry);
    }
    known.push(...fresh);
    // Sealed and not merged, so that a range can leave one out.
    if (minute < 2) await store.snapshot(join(snapshots.path, String(minute)));
  }
  expect(store.stats().blocks).toBe(2);

  const context = new QueryContext();
  let found = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const selectors = Array.from({ length: 1 + random.below(2) }, () =>
      Array.from({ length: 1 + random.below(2) }, () => randomMatcher(random)),
    );
    const first = random.below(3);
    const last = first + random.below(3 - first);
    const limit = random.next() < 0.3 ? random.below(5) : undefined;
    const range = { startMs: NOW_MS + first * 60_000, endMs: NOW_MS + last * 60_000 };
    const plain = selectors.map((each) => each.map(({ name, op, value }) => ({ name, op, value })));
    const selection: ListSelection = { ...range, selectors: plain, limit };
    const expected = [...minutes.values()]
      .filter((entry) => [...entry.in].some((minute) => minute >= first && minute <= last))
      .map(({ labels }) => labels)
      .filter((labels) => selectors.some((each) => each.every((matcher) => holds(matcher, labels))));
    found += expected.length;
    const what = `round ${round}: ${JSON.stringify(selection)}`;

    const listed = (await store.listSeries(selection, context)).map((labels) => labels.key());
    const keys = new Set(expected.map((labels) => labels.key()));
    expect(listed, what).toHaveLength(Math.min(limit ?? Infinity, keys.size));
    expect(new Set(listed).size, what).toBe(listed.length);
    expect(
      listed.every((key) => keys.has(key)),
      what,
    ).toBe(true);

    const names = new Set(expected.flatMap((labels) => [...labels.entries()].map(([name]) => name)));
    expect(await store.labelNames(selection, context), what).toEqual(sorted(names, limit));
    const pods = new Set(expected.map((labels) => labels.get("pod")).filter((value) => value !== ""));
    expect(await store.labelValues("pod", selection, context), what).toEqual(sorted(pods, limit));
  }
  expect(found).toBeGreaterThan(ROUNDS);
});

function sorted(texts: ReadonlySet<string>, limit: number | undefined): string[] {
  return [...texts].sort(compareText).slice(0, limit);
}
