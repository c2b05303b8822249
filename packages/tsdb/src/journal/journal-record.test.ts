import { Labels, seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { ByteWriter } from "../bytes.ts";
import { RecordDecoder, RecordEncoder, sealRecord, type RecordHandler } from "./journal-record.ts";

/** Writes down what it is told, as text. */
class Transcript implements RecordHandler {
  readonly lines: string[] = [];

  series: RecordHandler["series"] = (slot, labels, last) =>
    this.lines.push(`series ${slot} ${labels.toString()} last ${last}`);
  row: RecordHandler["row"] = (group, time, slots, words, starts) =>
    this.lines.push(
      `row ${group} ${time} [${slots.join()}] [${words.join()}] ${starts === undefined ? "" : starts.join()}`,
    );
  late: RecordHandler["late"] = (...all) => this.lines.push(`late ${all.join()}`);
  histogram: RecordHandler["histogram"] = (slot, time, bytes, start) =>
    this.lines.push(`histogram ${slot} ${time} [${bytes.join()}] ${start}`);
  exemplar: RecordHandler["exemplar"] = (slot, { labels, ...facts }) =>
    this.lines.push(`exemplar ${slot} ${labels.toString()} ${JSON.stringify(facts)}`);
}

function encode(write: (encoder: RecordEncoder) => void): Uint8Array {
  const writer = new ByteWriter();
  const facts = {
    labelsOf: (slot: number) => Labels.fromObject({ __name__: "m", slot: String(slot) }),
    lastTimeOf: (slot: number) => (slot === 0 ? Number.NEGATIVE_INFINITY : slot * 1000),
  };
  write(new RecordEncoder(writer, facts));
  return sealRecord(writer.view(), 1);
}

function rowOf(group: string, timeMs: number, slots: readonly number[], startTimes?: Float64Array) {
  const words = Uint32Array.from(slots.flatMap((slot) => [slot, slot + 100]));
  return {
    group,
    timeMs,
    count: slots.length,
    slots: Uint32Array.from(slots),
    words,
    startTimes,
    isKnown: false,
  };
}

function decode(...records: readonly Uint8Array[]): string[] {
  const transcript = new Transcript();
  const decoder = new RecordDecoder(transcript);
  for (const [i, record] of records.entries()) decoder.decode(record, i + 1, `test.mdb, record ${i + 1}`);
  return transcript.lines;
}

/** A record of format 1. */
const GOLDEN_HEX_1 = [
  "64685d64020001670100000000000000f0ff04085f5f6e616d655f5f016d04736c6f7401300103000000000070a74004",
  "085f5f6e616d655f5f016d04736c6f74013303000002000604000000000000408f400003000000006400000003000000",
  "6700000004000000000000409f40010000000000000000000000000000407f4005030000000000208c40010000000200",
  "00000000000000000000060000000000007097400000000000001c400201020703000000000000144001000000020000",
  "00020574726163650178",
].join("");

const GOLDEN_HEX = [
  "383cd81fda00000001000000020001670100000000000000f0ff04085f5f6e616d655f5f016d04736c6f740130010300",
  "0000000070a74004085f5f6e616d655f5f016d04736c6f7401330300000200060800020000000000408f400000000000",
  "6400000003000000670000000800020000000000409f4001000000006400000003000000670000000000000000000000",
  "0000000000407f4005030000000000208c40010000000200000000000000000000000600000000000070974000000000",
  "00001c40020102070300000000000014400100000002000000020574726163650178",
].join("");

const GOLDEN = encode((encoder) => {
  encoder.row(rowOf("g", 1000, [0, 3]));
  encoder.row(rowOf("g", 2000, [0, 3], Float64Array.of(0, 500)));
  encoder.late(3, 900, 1, 2, 0);
  encoder.histogram(0, 1500, Uint8Array.of(1, 2), 7);
  encoder.exemplar(3, { labels: Labels.fromObject({ trace: "x" }), timeMs: 5, low: 1, high: 2 });
});

test("a record has the bytes it always had, and one of format 1 is read", () => {
  expect(Buffer.from(GOLDEN).toString("hex")).toBe(GOLDEN_HEX);
  const lines = decode(Buffer.from(GOLDEN_HEX, "hex"));
  expect(decode(Buffer.from(GOLDEN_HEX_1, "hex"))).toEqual(lines);
  expect(lines).toEqual([
    'series 0 m{slot="0"} last -Infinity',
    'series 3 m{slot="3"} last 3000',
    "row g 1000 [0,3] [0,100,3,103] ",
    "row g 2000 [0,3] [0,100,3,103] 0,500",
    "late 3,900,1,2,0",
    "histogram 0 1500 [1,2] 7",
    'exemplar 3 {trace="x"} {"timeMs":5,"low":1,"high":2}',
  ]);
});

/** Two records of one journal, as many more as wanted. */
function journal(...writes: readonly ((encoder: RecordEncoder) => void)[]): Uint8Array[] {
  const writer = new ByteWriter();
  const facts = {
    labelsOf: (slot: number) => Labels.fromObject({ __name__: "m", slot: String(slot) }),
    lastTimeOf: () => Number.NEGATIVE_INFINITY,
  };
  const encoder = new RecordEncoder(writer, facts);
  return writes.map((write, i) => {
    write(encoder);
    const record = sealRecord(writer.view(), i + 1);
    writer.clear();
    return record;
  });
}

function isSample(line: string): boolean {
  return !line.startsWith("series");
}

test("any one record can be lost, and the others say what they said", () => {
  const records = journal(
    (encoder) => encoder.row(rowOf("g", 1000, [0, 3])),
    (encoder) => encoder.row(rowOf("h", 2000, [4])),
    (encoder) => encoder.row(rowOf("g", 3000, [0, 3])),
    (encoder) => encoder.late(3, 900, 1, 2, 0),
    (encoder) => encoder.row(rowOf("h", 4000, [4])),
  );
  const whole = decode(...records).filter(isSample);
  expect(whole).toHaveLength(5);
  for (let lost = 0; lost < records.length; lost++) {
    const transcript = new Transcript();
    const decoder = new RecordDecoder(transcript);
    for (const [i, record] of records.entries()) {
      if (i === lost) decoder.skip();
      else decoder.decode(record, i + 1, "test");
    }
    expect(transcript.lines.filter(isSample)).toEqual(whole.filter((_, i) => i !== lost));
    expect(decoder.samplesLost).toBe(0);
  }
});

test("what needs two lost records is lost, and counted", () => {
  const row = rowOf("g", 1000, [0, 3]);
  const records = journal(...Array.from({ length: 3 }, () => (encoder: RecordEncoder) => encoder.row(row)));
  const decoder = new RecordDecoder(new Transcript());
  decoder.skip();
  decoder.skip();
  decoder.decode(records[2]!, 3, "test");
  expect(decoder.samplesLost).toBe(2);
});

test("a record is taken under its own number only", () => {
  expect(() => new RecordDecoder(new Transcript()).decode(GOLDEN, 2, "test")).toThrowError("checksum");
});

test("rows of many layouts come back in order, with more of them than are remembered", () => {
  const random = seededRandom(11);
  const expected: string[] = [];
  const record = encode((encoder) => {
    for (let i = 0; i < 2000; i++) {
      const slots = Array.from({ length: 1 + random.below(4) }, () => random.below(50));
      encoder.row(rowOf(`g${i % 3}`, i, slots));
      expected.push(
        `row g${i % 3} ${i} [${slots.join()}] [${slots.flatMap((slot) => [slot, slot + 100]).join()}] `,
      );
    }
  });
  expect(decode(record).filter((line) => line.startsWith("row"))).toEqual(expected);
});

const DAMAGED: readonly (readonly [name: string, operations: readonly number[], message: string])[] = [
  ["an unknown operation", [99], "operation 99 is not known"],
  ["a row without a layout", [8, 0, 0], "a row of a layout that was not introduced"],
  ["a row of more values than its layout", [2, 0, 0, 3, 0, 0, 1, 2, 8, 0, 2, 0], "2 values of a layout of 1"],
  ["a row of changes without a layout", [4, 0], "a row of a layout that was not introduced"],
  ["a layout without a group", [3, 0, 5, 0], "a layout of a group that was not introduced"],
  ["a series cut short", [1, 0, 0], "8 bytes expected, 1 left"],
  ["a series of too many labels", [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 127], "label texts, where at most 512"],
  ["a group name cut short", [2, 0, 9, 65], "9 bytes expected, 1 left"],
];

test.for(DAMAGED)("%s is refused with its place", ([, operations, message]) => {
  const record = sealRecord(Uint8Array.from(operations), 1);
  expect(() => decode(record)).toThrowError(message);
  expect(() => decode(record)).toThrowError("test.mdb, record 1");
});

test("a record with one bit altered is refused before any of it is handed on", () => {
  for (let at = 0; at < GOLDEN.length; at++) {
    const altered = GOLDEN.slice();
    altered[at]! ^= 1;
    const transcript = new Transcript();
    expect(() => new RecordDecoder(transcript).decode(altered, 1, "test")).toThrowError(
      "checksum does not match",
    );
    expect(transcript.lines).toEqual([]);
  }
});
