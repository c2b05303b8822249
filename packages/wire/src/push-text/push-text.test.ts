import { BinnacleError, seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import type { MetricPush } from "../push/metric-push.ts";
import { linesOf } from "../push/testing.ts";
import { parseCsvFormat } from "./csv-format.ts";
import { decodeCsv } from "./csv.ts";
import { decodeExpositionLines } from "./exposition-lines.ts";
import { decodeInflux } from "./influx.ts";
import { decodeJsonSeries } from "./json-series.ts";

const NOW = { nowMs: 1000, extraLabels: [] };
const FORMAT = "1:label:ticker,2:metric:ask,3:metric:bid,4:time:unix_s";

const influx = (text: string | Uint8Array, precision?: string): MetricPush =>
  decodeInflux(Buffer.from(text as string), { ...NOW, precision });
const json = (text: string | Uint8Array): MetricPush => decodeJsonSeries(Buffer.from(text as string), NOW);
const csv = (text: string | Uint8Array): MetricPush =>
  decodeCsv(Buffer.from(text as string), parseCsvFormat(FORMAT), NOW);
const exposition = (text: string | Uint8Array): MetricPush =>
  decodeExpositionLines(Buffer.from(text as string), NOW);

test.each([
  [
    "cpu,host=a user=1.5,sys=2i 1700000000123456789",
    ['cpu_sys{host="a"} 2 @ 1700000000123', 'cpu_user{host="a"} 1.5 @ 1700000000123'],
  ],
  ["cpu value=1", ["cpu_value 1 @ 1000"]],
  ['m a=t,b=FALSE,c="text, with = signs \\" and 1",d=3u', ["m_a 1 @ 1000", "m_b 0 @ 1000", "m_d 3 @ 1000"]],
  ["my\\ m,a\\,b=c\\=d f\\ g=1", ['{__name__="my m_f g", "a,b"="c=d"} 1 @ 1000']],
  ["m,empty=,x=y v=-1e3", ['m_v{x="y"} -1000 @ 1000']],
  ["# a comment\n\nm v=.5\r\n", ["m_v 0.5 @ 1000"]],
])("InfluxDB's line %j", (text, lines) => {
  const push = influx(text);
  expect([linesOf(push), push.errors]).toEqual([lines, []]);
});

test.each([
  ["s", 1_700_000_000_000],
  ["ms", 1_700_000_000],
  ["us", 1_700_000],
  ["ns", 1700],
  ["m", 102_000_000_000_000],
])("times in %s", (precision, timeMs) => {
  expect(influx("m v=1 1700000000", precision).sampleTimes[0]).toBe(timeMs);
});

test.each([
  ["m", 'expected " " before the fields at column 2, found ""'],
  [",a=b v=1", 'expected a measurement at column 1, found ",a=b v=1"'],
  ["m,a v=1", 'expected "=" behind a tag\'s name at column 4, found " v=1"'],
  ["m v", 'expected "=" behind a field\'s name at column 4, found ""'],
  ["m v=", 'expected a field\'s value at column 5, found ""'],
  ["m v=one", 'a field\'s value "one" is no number, no text in quotes and neither true nor false'],
  ['m v="open', "the text at column 5 has no closing quote"],
  ["m v=1 soon", 'the time "soon" is not a whole number'],
  ["m v=1 99999999999999999999", 'the time "99999999999999999999" is not a whole number'],
])("InfluxDB's bad line %j is named, and its neighbours are kept", (line, problem) => {
  const push = influx(`good v=1\n${line}\ngood v=2 5000000`);
  expect(push.errors).toEqual([`line 2: ${problem}`]);
  expect(linesOf(push)).toEqual(["good_v 1 @ 1000", "good_v 2 @ 5"]);
});

test("JSON lines give their series, null as the stale marker", () => {
  const push = json(
    '{"metric":{"__name__":"up","job":"x"},"values":[1,null,"Infinity","NaN"],"timestamps":[10,20,30,40]}\n',
  );
  expect(linesOf(push)).toEqual([
    'up{job="x"} 1 @ 10',
    'up{job="x"} Infinity @ 30',
    'up{job="x"} NaN @ 40',
    'up{job="x"} stale @ 20',
  ]);
});

test.each([
  ["{", /^line 2: it is not JSON: /],
  ["[1]", /^line 2: expected an object, found "\[1\]"/],
  [
    '{"metric":{"__name__":"a"},"values":[1],"timestamps":[]}',
    /^line 2: expected lists "values" and "timestamps" of one length/,
  ],
  ['{"metric":{"job":"a"},"values":[1],"timestamps":[1]}', /^line 2: it names no metric/],
  [
    '{"metric":{"__name__":1},"values":[1],"timestamps":[1]}',
    /^line 2: the value of label "__name__" is no text/,
  ],
  [
    '{"metric":{"__name__":"a"},"values":["x"],"timestamps":[1]}',
    /^line 2: expected a number among the values/,
  ],
  ['{"metric":{"__name__":"a"},"values":[1],"timestamps":[1.5]}', /^line 2: expected whole milliseconds/],
  [Buffer.from([0x7b, 0xff, 0x7d]).toString("latin1"), /^line 2: it is not/],
])("JSON's bad line %j is named, and its neighbours are kept", (line, problem) => {
  const good = '{"metric":{"__name__":"a"},"values":[1],"timestamps":[5]}';
  const push = json(`${good}\n${line}\n${good.replace("5", "6")}`);
  expect(push.errors).toEqual([expect.stringMatching(problem)]);
  expect(linesOf(push)).toEqual(["a 1 @ 5", "a 1 @ 6"]);
});

test("CSV's columns are what the format says", () => {
  expect(linesOf(csv('GOOG,1.5,,1700000000.5\n"a ""b"", c",2,3,1700000000\n'))).toEqual([
    'ask{ticker="GOOG"} 1.5 @ 1700000000500',
    'ask{ticker="a \\"b\\", c"} 2 @ 1700000000000',
    'bid{ticker="a \\"b\\", c"} 3 @ 1700000000000',
  ]);
  const dated = decodeCsv(
    Buffer.from("7,2024-02-29T12:00:00.25Z\n"),
    parseCsvFormat("1:metric:m,2:time:rfc3339"),
    { nowMs: 0, extraLabels: [["dc", "x"]] },
  );
  expect(linesOf(dated)).toEqual([`m{dc="x"} 7 @ ${Date.UTC(2024, 1, 29, 12, 0, 0, 250)}`]);
});

test.each([
  ["a,1,2", "there is no column 4: the line has 3"],
  ["a,one,2,1", 'column 2: "one" is no number'],
  ['"a,1,2,3', "column 1 has no closing quote"],
  ['"a"b,1,2,3', "column 1 has text behind its closing quote"],
  ["a,1,2,noon", 'the time "noon" is not of the kind unix_s'],
])("CSV's bad line %j is named, and its neighbours are kept", (line, problem) => {
  const push = csv(`x,1,2,3\n${line}\nx,1,2,4`);
  expect([push.errors, push.sampleTimes.length]).toEqual([[`line 2: ${problem}`], 4]);
});

test.each([
  "",
  "1:label:a",
  "0:metric:a",
  "1:metric:",
  "1:metric:a,2:time:stardate",
  "x:metric:a",
  "1:metric:a,2:time:unix_s,3:time:unix_s",
  "999999:metric:a",
])("the format %j is refused", (format) => {
  expect(() => parseCsvFormat(format)).toThrow(/^invalid parameter "format"/);
});

test("Prometheus's text is taken line by line", () => {
  const push = exposition('# TYPE a counter\r\na{x="1"} 1\r\nb 2 7\n}\nc{x="\nb 3 8');
  expect(linesOf(push)).toEqual(['a{x="1"} 1 @ 1000', "b 2 @ 7", "b 3 @ 8"]);
  expect(push.errors).toEqual([
    'line 4, column 1: expected a metric name, { or #, found "}"',
    expect.stringMatching(/^line 5, column \d+: expected a closing quote/),
  ]);
  expect(push.metadata).toEqual([{ metric: "a", type: "counter", help: "", unit: "" }]);
});

test.each([
  ["InfluxDB's lines", influx, 'cpu,h=a\\ b u=1.5,s="x\\"y",t=true 1700000000000000000\nm v=2i\n'],
  ["JSON lines", json, '{"metric":{"__name__":"up","job":"x"},"values":[1,2.5],"timestamps":[10,20]}\n'],
  ["CSV", csv, '"a ""b""",1,2,1700000000\nc,,3,1\n'],
  ["Prometheus's text", exposition, '# HELP a b\n# TYPE a counter\na{x="1"} 1 5\nb NaN\n'],
])("%s cut off or changed at any byte are decoded or refused, never worse", (_name, decode, text) => {
  const bytes = Buffer.from(text);
  const seed = 20_817;
  const random = seededRandom(seed);
  const check = (input: Buffer): void => {
    try {
      const { errorCount, errors } = decode(input);
      expect(errors.length <= errorCount, `seed ${seed}`).toBe(true);
    } catch (error) {
      if (!(error instanceof BinnacleError)) throw error;
    }
  };
  for (let end = 0; end <= bytes.length; end++) check(bytes.subarray(0, end));
  for (let i = 0; i < 3000; i++) {
    const changed = Buffer.from(bytes);
    for (let n = random.below(3); n >= 0; n--) changed[random.below(bytes.length)] = random.below(256);
    check(changed);
  }
});
