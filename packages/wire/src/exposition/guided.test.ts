/**
 * The guided parse against a naive line parser: recorded exporters where they are at hand, and texts that a
 * seed makes and changes in every way a target might.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { zstdDecompressSync } from "node:zlib";
import { BinnacleError, type Random, seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { dialectOf } from "./content-type.ts";
import { ScrapeParser } from "./scrape-parser.ts";

const SHARED = process.env["BINNACLE_SHARED"] ?? join(import.meta.dirname, "../../../../../shared");
const RECORDED = join(SHARED, "data/metrics");

interface Sample {
  readonly series: string;
  readonly value: number;
  readonly time: number;
}

/**
 * The twin: right for texts of well-formed lines in which no label value has a brace or a blank before a
 * number.
 */
function parseNaively(text: string): Sample[] {
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const line of text.split("\n")) {
    const match = /^([^#{\s][^{\s]*(?:\{.*\})?)\s+(\S+)(?:\s+(-?\d+))?$/.exec(line);
    if (match === null) continue;
    const [, series, value, time] = match;
    if (seen.has(series!) && time === undefined) continue;
    seen.add(series!);
    const number = value!.replace(/^\+Inf$/, "Infinity").replace(/^-Inf$/, "-Infinity");
    samples.push({
      series: series!,
      value: Number(number),
      time: time === undefined ? Number.NaN : Number(time),
    });
  }
  return samples;
}

/** One parser for all texts of a target, compared after each. */
class Comparison {
  readonly #parser = new ScrapeParser();
  readonly #seriesOf = new Map<number, string>();
  #present = new Set<number>();

  check(text: string, place: string): number {
    const expected = parseNaively(text);
    const parsed = this.#parser.parse(Buffer.from(text), { dialect: "text" });
    const fresh = new ScrapeParser().parse(Buffer.from(text), { dialect: "text" });
    expect(parsed.slots.length, place).toBe(expected.length);
    expect(fresh.slots.length, place).toBe(expected.length);
    for (const { slot } of parsed.newSeries) this.#seriesOf.delete(slot);
    for (const [i, { series, value, time }] of expected.entries()) {
      const slot = parsed.slots[i]!;
      const known = this.#seriesOf.get(slot) ?? series;
      const isSame =
        known === series &&
        Object.is(parsed.values[i], value) &&
        Object.is(parsed.times?.[i] ?? Number.NaN, time);
      if (!isSame || !Object.is(fresh.values[i], value)) {
        const found = {
          series: known,
          value: parsed.values[i],
          time: parsed.times?.[i],
          fresh: fresh.values[i],
        };
        expect(found, `${place}, sample ${i}`).toEqual({ series, value, time, fresh: value });
      }
      this.#seriesOf.set(slot, series);
    }
    const present = new Set(parsed.slots);
    const gone = [...this.#present].filter((slot) => !present.has(slot));
    expect(new Set(parsed.goneSlots), place).toEqual(new Set(gone));
    this.#present = present;
    return expected.length;
  }
}

const files = existsSync(RECORDED)
  ? readdirSync(RECORDED).filter((name) => name.endsWith(".scrapes.zst"))
  : [];

if (files.length === 0) {
  // The made targets below cover the same ground for those who have only the repository.
  test.skip(`four recorded exporters, 240 scrapes each, are left out: ${RECORDED} is missing`, () => {});
}

test.each(files)("%s parses as the naive parser has it", (name) => {
  const recording = zstdDecompressSync(readFileSync(join(RECORDED, name)));
  const comparison = new Comparison();
  let samples = 0;
  for (let at = 0, i = 0; at < recording.length; i++) {
    const length = recording.readUInt32LE(at);
    samples += comparison.check(recording.toString("utf8", at + 4, at + 4 + length), `${name} scrape ${i}`);
    at += 4 + length;
  }
  expect(samples).toBeGreaterThan(50_000);
});

interface SeriesState {
  readonly name: string;
  value: string;
  time: string;
}

const VALUES = [
  "0",
  "1",
  "42",
  "-7.5",
  "1e9",
  "NaN",
  "+Inf",
  "-Inf",
  "0.1",
  "123456789.123456789",
  "1.7e-12",
  "5e-324",
];

function randomValue(random: Random): string {
  if (random.below(3) === 0) return VALUES[random.below(VALUES.length)]!;
  const digits = 1 + random.below(18);
  return (random.next() * 10 ** random.below(12)).toPrecision(digits);
}

function randomSeries(random: Random): SeriesState {
  const name = `m${random.below(30)}${random.below(2) === 0 ? "" : `{l="${random.below(9)}",k="é"}`}`;
  const time = random.below(12) === 0 ? ` ${random.below(2_000_000_000)}` : "";
  return { name, value: randomValue(random), time };
}

/**
 * Changes a target as targets change: values mostly, now and then which series there are, and in what order.
 */
function change(series: SeriesState[], random: Random): void {
  for (const state of series) {
    if (random.below(3) === 0) state.value = randomValue(random);
    if (random.below(60) === 0) state.time = state.time === "" ? ` ${random.below(1e9)}` : "";
  }
  if (random.below(3) === 0) series.splice(random.below(series.length + 1), 0, randomSeries(random));
  if (random.below(4) === 0) series.splice(random.below(series.length + 1), random.below(4));
  if (random.below(10) === 0 && series.length > 1) series.push(series.shift()!);
}

function textOf(series: readonly SeriesState[], random: Random): string {
  return series
    .map(({ name, value, time }, i) => {
      const comment = i % 5 === 0 ? `# HELP ${name.split("{", 1)[0]} text ${random.below(3)}\n` : "";
      return `${comment}${name} ${value}${time}\n`;
    })
    .join("");
}

test("texts that change from scrape to scrape", () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = seededRandom(seed);
    const series = Array.from({ length: random.below(60) }, () => randomSeries(random));
    const comparison = new Comparison();
    for (let scrape = 0; scrape < 25; scrape++) {
      change(series, random);
      comparison.check(textOf(series, random), `seed ${seed}, scrape ${scrape}`);
    }
  }
});

test("a text cut off or changed at any byte is parsed or refused, never worse", () => {
  const good = Buffer.from(
    '# HELP a é\n# TYPE a histogram\na_bucket{le="1",x="q\\"z"} 5\n{"b.c",d="é"} 1.5e3 17\nlast NaN\n# EOF\n',
  );
  const random = seededRandom(7);
  for (const dialect of ["text", "openmetrics"] as const) {
    const parser = new ScrapeParser();
    for (let length = 0; length <= good.length; length++) attempt(parser, good.subarray(0, length), dialect);
    for (let i = 0; i < 3000; i++) {
      const bytes = Buffer.from(good);
      for (let edits = 0; edits <= random.below(3); edits++)
        bytes[random.below(bytes.length)] = random.below(256);
      attempt(parser, bytes, dialect);
    }
    attempt(parser, good, dialect);
  }
});

function attempt(parser: ScrapeParser, bytes: Uint8Array, dialect: "text" | "openmetrics"): void {
  try {
    const { slots, values, times } = parser.parse(bytes, { dialect });
    expect(values).toHaveLength(slots.length);
    if (times !== undefined) expect(times).toHaveLength(slots.length);
  } catch (error) {
    if (!(error instanceof BinnacleError)) throw error;
    expect(error.code).toBe("BAD_EXPOSITION");
    expect(error.position?.line).toBeGreaterThan(0);
  }
}

test.each([
  ["text/plain; version=0.0.4; charset=utf-8", "text"],
  ["Text/Plain", "text"],
  ["application/openmetrics-text; version=1.0.0", "openmetrics"],
  ["text/html", undefined],
  ["", undefined],
  [undefined, undefined],
])("content type %j is %j", (contentType, dialect) => {
  expect(dialectOf(contentType)).toBe(dialect);
});
