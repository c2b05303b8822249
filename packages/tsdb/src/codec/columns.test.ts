import { seededRandom } from "@binnacle/model";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../bytes.ts";
import {
  decodePresence,
  decodeStartTimes,
  decodeTimes,
  encodePresence,
  encodeStartTimes,
  encodeTimes,
} from "./columns.ts";

function reread(write: (writer: ByteWriter) => void): ByteReader {
  const writer = new ByteWriter();
  write(writer);
  return new ByteReader(writer.take(), "test");
}

test("random times, presences and start times come back", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const rows = new Float64Array(1 + random.below(100));
    let time = random.below(2 ** 41) - 2 ** 30;
    for (let i = 0; i < rows.length; i++) rows[i] = time += 1 + random.below(random.next() < 0.9 ? 3 : 1e9);
    expect(
      decodeTimes(
        reread((writer) => encodeTimes(writer, rows)),
        rows.length,
      ),
      `seed ${seed}`,
    ).toEqual(rows);

    const times = rows.filter(() => random.next() < 0.7);
    const reader = reread((writer) => expect(encodePresence(writer, times, rows)).toBe(times.length));
    expect(decodePresence(reader, rows), `seed ${seed}`).toEqual(times);

    const starts = rows.map(() => random.below(2) * 1000);
    const back = decodeStartTimes(
      reread((writer) => encodeStartTimes(writer, starts)),
      rows.length,
    );
    expect(back ?? new Float64Array(rows.length), `seed ${seed}`).toEqual(starts);
  }
});

test("times that are no rows have no presence", () => {
  const writer = new ByteWriter();
  expect(encodePresence(writer, Float64Array.of(1, 2), Float64Array.of(1, 3))).toBe(-1);
  expect(writer.length).toBe(0);
});

const DAMAGED = [
  ["times that stand still", (r: ByteReader) => decodeTimes(r, 2), [20, 0], "times that do not ascend"],
  ["times cut short", (r: ByteReader) => decodeTimes(r, 3), [20, 20], "1 bytes expected"],
  [
    "more rows than there are",
    (r: ByteReader) => decodePresence(r, Float64Array.of(1, 2)),
    [2, 0, 3],
    "3 rows in a run",
  ],
  [
    "more runs than rows",
    (r: ByteReader) => decodePresence(r, Float64Array.of(1, 2)),
    [4],
    "4 runs of presence",
  ],
  [
    "more start times than samples",
    (r: ByteReader) => decodeStartTimes(r, 2),
    [1, 3, 0],
    "3 start times in a run",
  ],
] as const;

test.for(DAMAGED)("%s are refused", ([, decode, bytes, message]) => {
  expect(() => decode(new ByteReader(Uint8Array.from(bytes), "test"))).toThrowError(message);
});
