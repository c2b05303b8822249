/** Search equals grep: what the engine finds is what a scan of the plain lines finds, lines and order. */
import { QueryContext, seededRandom, type Random } from "@binnacle/model";
import { Regexp } from "@binnacle/re2";
import { expect, test } from "vitest";
import { entries, NOON_NS, openStore, TestFolder, type TestLine } from "../testing/fixtures.ts";
import { LogEngine } from "./index.ts";

const WORDS = [
  "error",
  "user=root",
  "10.0.0.1",
  "GET",
  "/api/v1",
  "timeout",
  "é",
  "\u001b[0m",
  "id:",
  "x",
  "",
  "a.b*c",
];

function makeLine(random: Random): string {
  const words = Array.from({ length: random.below(7) }, () => {
    const word = WORDS[random.below(WORDS.length)]!;
    return random.below(3) === 0 ? word + String(random.below(1000)) : word;
  });
  return words.join(random.below(4) === 0 ? "" : " ");
}

/** A piece of some line, now and then with a change. */
function cut(random: Random, lines: readonly string[]): string {
  const line = lines[random.below(lines.length)]!;
  const start = random.below(line.length + 1);
  const piece = line.slice(start, start + 1 + random.below(8));
  return random.below(5) === 0 ? piece + String.fromCodePoint(97 + random.below(26)) : piece;
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

type Filter = { readonly op: "|=" | "!=" | "|~" | "!~"; readonly values: readonly string[] };

function makeFilter(random: Random, lines: readonly string[]): Filter {
  const op = (["|=", "!=", "|~", "!~"] as const)[random.below(4)]!;
  const values = Array.from({ length: random.below(5) === 0 ? 2 : 1 }, () => {
    const piece = cut(random, lines);
    if (op === "|=" || op === "!=") return piece;
    const shapes = [
      escape(piece),
      `(?i)${escape(piece)}`,
      `^${escape(piece)}`,
      `${escape(piece)}.*\\d+`,
      `[a-f]${escape(piece)}?`,
    ];
    return shapes[random.below(shapes.length)]!;
  });
  return { op, values };
}

/** The scan that the engine must equal. */
function scanner({ op, values }: Filter): (line: string) => boolean {
  const isLiteral = op === "|=" || op === "!=";
  const tests = values.map((value) => {
    if (isLiteral) return (line: string) => line.includes(value);
    const re = Regexp.compile(value);
    return (line: string) => re.test(line);
  });
  return (line) => tests.some((test) => test(line)) === op.startsWith("|");
}

for (let seed = 1; seed <= 4; seed++) {
  test(`search equals grep, seed ${seed}`, async () => {
    using folder = new TestFolder();
    const random = seededRandom(seed);
    const store = await openStore(folder.path);
    const texts: string[] = [];
    const found: { app: string; line: string; timeNs: bigint }[] = [];
    for (let i = 0; i < 30; i++) {
      const app = `a${random.below(3)}`;
      const lines: TestLine[] = Array.from({ length: 1 + random.below(30) }, (_, k) => {
        const line = makeLine(random);
        const timeNs = NOON_NS + BigInt(i * 100 + k) * 1_000_000n;
        texts.push(line);
        found.push({ app, line, timeNs });
        return { timeNs, line };
      });
      await store.append([entries({ app }, lines)]);
      if (i === 12 || i === 20) await store.compact();
    }
    const engine = new LogEngine();
    for (let i = 0; i < 150; i++) {
      const filters = Array.from({ length: 1 + random.below(2) }, () => makeFilter(random, texts));
      const text = filters.map(
        ({ op, values }) => `${op} ${values.map((value) => JSON.stringify(value)).join(" or ")}`,
      );
      const query = `{app=~"a.+"} ${text.join(" ")}`;
      const isBackward = random.below(2) === 0;
      const limit = 1 + random.below(300);
      const scanners = filters.map(scanner);
      const wanted = found
        .filter(({ line }) => scanners.every((passes) => passes(line)))
        .map(({ app, line, timeNs }, order) => ({ app, line, timeNs, order }));
      const range = { startNs: NOON_NS, endNs: NOON_NS + 3_600_000_000_000n, stepMs: 1000, limit };
      const { value } = await engine.range(
        { query, ...range, direction: isBackward ? "backward" : "forward" },
        store,
        new QueryContext(),
      );
      if (value.type !== "streams") throw new Error("lines were asked for");
      // Times of different streams may be equal, and which of them a limit cuts off is free: none is within a
      // stream.
      wanted.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : a.order - b.order));
      if (isBackward) wanted.reverse();
      const perStream = (app: string): string[] =>
        wanted.filter((entry) => entry.app === app).map(({ line, timeNs }) => `${timeNs} ${line}`);
      let total = 0;
      for (const { labels, entries: lines } of value.streams) {
        const all = perStream(labels.get("app"));
        const got = lines.map(({ line, timeNs }) => `${timeNs} ${Buffer.from(line).toString()}`);
        expect(got, `seed ${seed}: ${query}`).toEqual(all.slice(0, got.length));
        total += got.length;
      }
      expect(total, `seed ${seed}: ${query}`).toBe(Math.min(limit, wanted.length));
      const instant = { query: `sum(count_over_time(${query}[1h]))`, timeNs: NOON_NS + 3_599_000_000_000n };
      const counted = (await engine.instant(instant, store, new QueryContext())).value;
      const count = counted.type === "vector" ? (counted.samples[0]?.value ?? 0) : -1;
      expect(count, `seed ${seed}: count of ${query}`).toBe(wanted.length);
      const sized = { query: `sum(bytes_over_time(${query}[1h]))`, timeNs: instant.timeNs };
      const { value: sizes } = await engine.instant(sized, store, new QueryContext());
      const bytes = sizes.type === "vector" ? (sizes.samples[0]?.value ?? 0) : -1;
      const wantedBytes = wanted.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0);
      expect(bytes, `seed ${seed}: bytes of ${query}`).toBe(wantedBytes);
    }
    await store.close();
  });
}
