import { expect, test } from "vitest";
import {
  dayDirectory,
  dayOf,
  parseDayDirectory,
  parsePartFile,
  partFile,
  planRecovery,
  type PartName,
} from "./layout.ts";

const part = (day: number, firstGeneration: number, lastGeneration: number, revision = 0): PartName => ({
  day,
  firstGeneration,
  lastGeneration,
  revision,
});

test("names say which parts are live after a crash", () => {
  const cases: { parts: PartName[]; journals: number[]; live: PartName[] }[] = [
    { parts: [], journals: [], live: [] },
    // A merge that did not get to remove what it merged.
    {
      parts: [part(1, 1, 1), part(1, 2, 4), part(1, 1, 4), part(1, 5, 5)],
      journals: [6],
      live: [part(1, 1, 4), part(1, 5, 5)],
    },
    // One that was written anew, whose predecessor did not get to be removed.
    {
      parts: [part(1, 1, 4), part(1, 1, 4, 1), part(1, 1, 4, 2), part(1, 2, 2, 7)],
      journals: [],
      live: [part(1, 1, 4, 2)],
    },
    // The same generations of another day are no part of it.
    { parts: [part(2, 1, 1), part(1, 1, 4)], journals: [], live: [part(1, 1, 4), part(2, 1, 1)] },
    // A sealing that was cut short: its journal is still there, so its parts are made anew.
    { parts: [part(1, 3, 3), part(2, 3, 3), part(1, 1, 2)], journals: [3, 4], live: [part(1, 1, 2)] },
  ];
  for (const { parts, journals, live } of cases) {
    const plan = planRecovery(parts, journals);
    expect(plan.live).toEqual(live);
    expect(plan.live.length + plan.obsolete.length).toBe(parts.length);
  }
});

test("names read back as they were written", () => {
  for (const name of [part(20_513, 1, 1), part(0, 7, 123_456_789), part(-1, 2, 3), part(1, 2, 3, 12)]) {
    expect(parseDayDirectory(dayDirectory(name.day))).toBe(name.day);
    expect(parsePartFile(name.day, partFile(name))).toEqual(name);
  }
  expect(dayDirectory(20_513)).toBe("2026-03-01");
  for (const wrong of ["1-2.part", "00000001-00000002.part.tmp", "00000001-00000002.part.damaged", "x"]) {
    expect(parsePartFile(1, wrong)).toBeUndefined();
  }
  for (const wrong of ["lost+found", "2026-13-40", "2026-3-1", ""])
    expect(parseDayDirectory(wrong)).toBeUndefined();
});

test("a day begins at midnight UTC, before 1970 too", () => {
  const dayNs = 86_400_000_000_000n;
  const cases: [bigint, number][] = [
    [0n, 0],
    [dayNs - 1n, 0],
    [dayNs, 1],
    [-1n, -1],
    [-dayNs, -1],
    [-dayNs - 1n, -2],
  ];
  for (const [timeNs, day] of cases) expect(dayOf(timeNs), String(timeNs)).toBe(day);
});
