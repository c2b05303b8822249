import { BinnacleError } from "@binnacle/model";
import { expect, test } from "vitest";
import { SLOT_IDLE_PARSES_MAX } from "../limits.ts";
import type { Dialect } from "./content-type.ts";
import { ScrapeParser } from "./scrape-parser.ts";

/** Parses texts one after the other with one parser, and shows the last as lines `labels value [time]`. */
class Target {
  readonly parser = new ScrapeParser();
  readonly #names = new Map<number, string>();

  scrape(text: string, dialect: Dialect = "text") {
    const parsed = this.parser.parse(Buffer.from(text), { dialect });
    for (const { slot, labels } of parsed.newSeries) this.#names.set(slot, labels.toString());
    const samples = Array.from(parsed.slots, (slot, i) => {
      const time = parsed.times?.[i] ?? Number.NaN;
      return [this.#names.get(slot), parsed.values[i], ...(Number.isNaN(time) ? [] : [time])].join(" ");
    });
    return { ...parsed, samples, gone: parsed.goneSlots.map((slot) => this.#names.get(slot)) };
  }
}

const samplesOf = (text: string, dialect: Dialect = "text"): string[] =>
  new Target().scrape(text, dialect).samples;

test.each([
  ["a 1\n", ["a 1"]],
  ["a 1", ["a 1"]],
  ["", []],
  ["\n\n  \n", []],
  ["a{} 1\n", ["a 1"]],
  ['a{x="1",} 1\n', ['a{x="1"} 1']],
  ['a { x = "1" , y="2" }\t7\n', ['a{x="1", y="2"} 7']],
  ['  a{x="1"}  2   1700000000000  \n', ['a{x="1"} 2 1700000000000']],
  ["a 1 -5\n", ["a 1 -5"]],
  ["a:b_c 1\n", ["a:b_c 1"]],
  ['a{x=""} 1\n', ["a 1"]],
  ['a{x="q\\"b\\\\s\\nn\\t"} 1\n', ['a{x="q\\"b\\\\s\\nn\\\\t"} 1']],
  ['a{x="}{,= #"} 1\n', ['a{x="}{,= #"} 1']],
  ['a{x="ü😀"} 1\n', ['a{x="ü😀"} 1']],
  ['{"my.metric", "a.b"="c"} 1\n', ['{__name__="my.metric", "a.b"="c"} 1']],
  ['{"a"} 1\n', ["a 1"]],
  ['{x="1", "a"} 1\n', ['a{x="1"} 1']],
  [
    "a NaN\nb +Inf\nc -Inf\nd inf\ne nan\nf -infinity\n",
    ["a NaN", "b Infinity", "c -Infinity", "d Infinity", "e NaN", "f -Infinity"],
  ],
  [
    "a 1.\nb .5\nc -1e3\nd +2E-2\ne 1e+400x\n".replace("e 1e+400x\n", ""),
    ["a 1", "b 0.5", "c -1000", "d 0.02"],
  ],
  [
    "a 0.1234567890123456789\nb 123456789012345678901234567890\n",
    ["a 0.12345678901234568", "b 1.2345678901234568e+29"],
  ],
  ["a 4.9e-324\nb 1.7976931348623157e308\nc -0\n", ["a 5e-324", "b 1.7976931348623157e+308", "c 0"]],
  ["# a comment\n#\n# HELP\n#HELP a b\n# FOO a\na 1\n", ["a 1"]],
  // The same series again without a time of its own is dropped; with one it is another sample.
  ["a 1\na 2\n", ["a 1"]],
  ["a 1 10\na 2 20\n", ["a 1 10", "a 2 20"]],
])("%j", (text, samples) => {
  expect(samplesOf(text)).toEqual(samples);
});

test.each([
  ["<html>\n", 'line 1, column 1: expected a metric name, { or #, found "<html>"'],
  ["a 1\nb\n", "line 2, column 2: expected a value, found the end of the line"],
  ["a x\n", 'line 1, column 3: expected a value, found "x"'],
  ["a 0x1p3\n", 'line 1, column 3: expected a value, found "0x1p3"'],
  ["a 1_000\n", "line 1, column 3: expected a value"],
  ["a 1e400\n", "line 1, column 3: expected a value"],
  ["a +NaN\n", "line 1, column 3: expected a value"],
  ["a 1 2 3\n", 'line 1, column 7: expected the end of the line, found "3"'],
  ["a 1 1.5\n", "line 1, column 6: expected the end of the line"],
  ["a 1 x\n", "line 1, column 5: expected a timestamp in whole milliseconds"],
  ["a 1 99999999999999999999\n", "line 1, column 5: expected a timestamp in whole milliseconds"],
  ["ü 1\n", "line 1, column 1: expected a metric name, { or #"],
  ['a{x="1" 1\n', "line 1, column 9: expected , or }"],
  ['a{x="1\n', "line 1, column 5: expected a closing quote"],
  ["a{x=1} 1\n", "line 1, column 5: expected a label value in quotes"],
  ["a{x} 1\n", "line 1, column 4: expected ="],
  ['a{1="x"} 1\n', "line 1, column 3: expected a label name"],
  ["a{,} 1\n", "line 1, column 3: expected a label name"],
  ['a{x="1",x="2"} 1\n', 'label name "x" is not unique'],
  ['a{"b"} 1\n', 'label name "__name__" is not unique'],
  ['{x="1"} 1\n', "a series has no metric name"],
  ['{""} 1\n', "a name is empty"],
  [
    "# TYPE a foo\n",
    'line 1, column 10: expected a metric type (counter, gauge, histogram, summary, untyped), found "foo"',
  ],
  ["# TYPE a\n", "expected a metric type"],
  ["# HELP 1\n", "expected a metric name"],
  ["a 1\r\n", "expected a value"],
  [`a{x="${"y".repeat(70_000)}"} 1\n`, "a label value of 70000 bytes is over the limit of 65536"],
  [`${"y".repeat(5000)} 1\n`, "a name of 5000 bytes is over the limit of 4096"],
  [
    `a{${Array.from({ length: 1100 }, (_, i) => `l${i}="v"`).join(",")}} 1\n`,
    "more than 1024 labels (LABELS_MAX)",
  ],
])("%.40j is refused", (text, message) => {
  const parse = () => samplesOf(text);
  expect(parse).toThrow(message);
  expect(parse).toThrow(expect.objectContaining({ code: "BAD_EXPOSITION" }) as Error);
});

test("invalid UTF-8 is refused where it is", () => {
  const parser = new ScrapeParser();
  const text = Buffer.concat([Buffer.from('a 1\nb{x="'), Uint8Array.of(0xff), Buffer.from('"} 1\n')]);
  expect(() => parser.parse(text, { dialect: "text" })).toThrow(
    "line 2, column 6: a label value is not valid UTF-8",
  );
});

test.each([
  ["# EOF\n", []],
  ["# EOF", []],
  ["a 1 1.5\n# EOF\n", ["a 1 1500"]],
  ["a 1 1700000000.123\n# EOF\n", ["a 1 1700000000123"]],
  ['a_total{x="1"} 5 # {trace_id="t"} 0.5 1.25\na_created 3\n# EOF\n', ['a_total{x="1"} 5', "a_created 3"]],
  ["# HELP a h\n# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n# EOF\n", ["a_seconds 1"]],
  ['{"a.b"} 1\n# EOF\n', ['{__name__="a.b"} 1']],
])("OpenMetrics %j", (text, samples) => {
  expect(samplesOf(text, "openmetrics")).toEqual(samples);
});

test.each([
  ["a 1\n", "line 2, column 1: expected # EOF, found the end of the text"],
  ["", "line 1, column 1: expected # EOF"],
  ["# EOF\na 1\n", "line 2, column 1: expected nothing behind # EOF"],
  ["\n# EOF\n", "OpenMetrics has no empty lines"],
  ["# a comment\n# EOF\n", "expected # HELP, # TYPE, # UNIT or # EOF"],
  ["# TYPE a untyped\n# EOF\n", "expected a metric type"],
  ["# UNIT a seconds\n# EOF\n", 'unit "seconds" is not a suffix of metric "a"'],
  ["a  1\n# EOF\n", "line 1, column 3: expected a value"],
  ["a 1 NaN\n# EOF\n", "expected a timestamp in seconds"],
  ["a 1 x\n# EOF\n", "expected a timestamp in seconds"],
  ['a 1 # {x="1"}\n# EOF\n', "expected a space"],
  ["a 1 # x\n# EOF\n", "expected {"],
  ["a 1 # {} 1 2 3\n# EOF\n", "expected the end of the line"],
  ["a 1 2 3\n# EOF\n", "expected an exemplar or the end of the line"],
])("OpenMetrics %j is refused", (text, message) => {
  expect(() => samplesOf(text, "openmetrics")).toThrow(message);
});

function exemplarText(value: number): string {
  return `a_total ${value} # {trace_id="t${value}"} 0.5 1.25\nb_total 7 # {trace_id="u"} 3\n# EOF\n`;
}

test("exemplars come with their slot, once for each line that is not the same as before", () => {
  const target = new Target();
  const first = target.scrape(exemplarText(1), "openmetrics");
  expect(first.exemplars.map(({ labels, value, timeMs }) => [labels.toString(), value, timeMs])).toEqual([
    ['{trace_id="t1"}', 0.5, 1250],
    ['{trace_id="u"}', 3, Number.NaN],
  ]);
  const second = target.scrape(exemplarText(2), "openmetrics");
  expect(second.exemplars.map(({ slot, labels }) => [slot, labels.toString()])).toEqual([
    [first.slots[0], '{trace_id="t2"}'],
  ]);
  expect(second.slots).toBe(first.slots);
});

function helpText(help: string): string {
  return `# HELP a ${help}\n# TYPE a counter\na 1\n`;
}

test("metadata is told when it is new or changes", () => {
  const target = new Target();
  expect(target.scrape(helpText("an \\\\ and\\na line")).metadata).toEqual([
    { metric: "a", type: "counter", help: "an \\ and\na line", unit: "" },
  ]);
  expect(target.scrape(helpText("an \\\\ and\\na line")).metadata).toEqual([]);
  expect(target.scrape(helpText("other")).metadata).toEqual([
    { metric: "a", type: "counter", help: "other", unit: "" },
  ]);
});

test("bounds of histograms and summaries are spelled as OpenMetrics spells them", () => {
  const text = `# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="0.5"} 1
h_bucket{le="1e6"} 1
h_bucket{le="+Inf"} 1
# TYPE s summary
s{quantile="0"} 1
s{quantile="0.99"} 1
# TYPE g gauge
g_bucket{le="1"} 1
g{quantile="1"} 1
`;
  expect(samplesOf(text)).toEqual([
    'h_bucket{le="1.0"} 1',
    'h_bucket{le="0.5"} 1',
    'h_bucket{le="1e+06"} 1',
    'h_bucket{le="+Inf"} 1',
    's{quantile="0.0"} 1',
    's{quantile="0.99"} 1',
    'g_bucket{le="1"} 1',
    'g{quantile="1"} 1',
  ]);
});

test("the same layout keeps the same array of slots", () => {
  const target = new Target();
  const first = target.scrape("a 1\nb 2\n");
  const second = target.scrape("a 10.25\nb NaN\n");
  expect(second.samples).toEqual(["a 10.25", "b NaN"]);
  expect(second.slots).toBe(first.slots);
  expect(second.layoutVersion).toBe(first.layoutVersion);
  expect(second.newSeries).toEqual([]);

  const third = target.scrape("a 1\nc 3\nb 2\n");
  expect(third.samples).toEqual(["a 1", "c 3", "b 2"]);
  expect(third.layoutVersion).toBe(first.layoutVersion + 1);
  expect(third.newSeries).toHaveLength(1);

  const fourth = target.scrape("b 2\nc 4\n");
  expect(fourth.samples).toEqual(["b 2", "c 4"]);
  expect(fourth.gone).toEqual(["a"]);
  expect(target.scrape("b 2\nc 4\n").gone).toEqual([]);
});

test("times that come and go", () => {
  const target = new Target();
  expect(target.scrape("a 1\nb 2\n").times).toBeUndefined();
  expect(target.scrape("a 1\nb 2 5\n").samples).toEqual(["a 1", "b 2 5"]);
  expect(target.scrape("a 1\nb 2 5\n").samples).toEqual(["a 1", "b 2 5"]);
  expect(target.scrape("a 1 6\nb 3\n").samples).toEqual(["a 1 6", "b 3"]);
});

test("duplicates are counted each time, whoever reads their line", () => {
  const target = new Target();
  expect(target.scrape("a 1\na 2\nb 3\n").duplicates).toBe(1);
  const second = target.scrape("a 1\na 2\nb 4\n");
  expect(second.duplicates).toBe(1);
  expect(second.samples).toEqual(["a 1", "b 4"]);
  const third = target.scrape("a 1\na 5\nb 4\n");
  expect(third.duplicates).toBe(1);
  expect(third.slots).toBe(second.slots);
  expect(target.scrape("a 1\nb 4\n").duplicates).toBe(0);
});

test("a line that is a prefix of last time's last line is read anew", () => {
  const target = new Target();
  target.scrape("a 1");
  expect(target.scrape("a 12").samples).toEqual(["a 12"]);
  expect(target.scrape("a 1").samples).toEqual(["a 1"]);
});

test("a bad text leaves the parser as it was", () => {
  const target = new Target();
  const first = target.scrape("a 1\nb 2\n");
  expect(() => target.scrape("a 1\nc 3\nb x\n")).toThrow(BinnacleError);
  const second = target.scrape("a 1\nb 2\n");
  expect(second.slots).toBe(first.slots);
  // The slot that the bad text gave out was taken back, so this is news.
  expect(target.scrape("a 1\nc 3\nb 2\n").newSeries).toHaveLength(1);
});

test("a text of the other dialect has no guide", () => {
  const target = new Target();
  const first = target.scrape("a 1 2\n");
  const second = target.scrape("a 1 2\n# EOF\n", "openmetrics");
  expect(first.samples).toEqual(["a 1 2"]);
  expect(second.samples).toEqual(["a 1 2000"]);
  expect(target.scrape("a 1 2\n# EOF\n").samples).toEqual(["a 1 2"]);
});

test("a slot is given to another series once its own was away for long enough", () => {
  const target = new Target();
  const slot = target.scrape("a 1\nb 1\n").slots[0]!;
  for (let i = 0; i <= SLOT_IDLE_PARSES_MAX; i++) target.scrape("b 1\n");
  expect(target.scrape("a 1\nb 1\n").newSeries).toMatchObject([{ slot }]);
  // Away for a shorter time, it keeps its slot and its labels.
  target.scrape("b 1\n");
  expect(target.scrape("a 1\nb 1\n").newSeries).toEqual([]);
});

test("lines longer than the kernel's window and texts of many windows", () => {
  const target = new Target();
  const long = "x".repeat(60_000);
  const metric = (i: number, value: number) =>
    `m${i}{a="${i % 5 === 0 ? long.slice(0, 20) : i}"} ${i * value}`;
  const text = (value: number) =>
    `${Array.from({ length: 12_000 }, (_, i) => metric(i, value)).join("\n")}
# HELP long ${"y".repeat(200_000)}
long{a="${long}",b="${long}",c="${long}"} ${value}
last ${value} ${1700000000000 + value}
`;
  for (const value of [1, 1, 3, 250]) {
    const parsed = target.scrape(text(value));
    expect(parsed.samples).toHaveLength(12_002);
    expect(parsed.values[11_999]).toBe(11_999 * value);
    expect(parsed.values[12_000]).toBe(value);
    expect(parsed.samples.at(-1)).toBe(
      `last ${value} ${1700000000000 + value}`.replace("1700000000000.1", "1700000000000"),
    );
  }
});
