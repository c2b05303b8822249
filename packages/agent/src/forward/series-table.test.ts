import { Labels } from "@binnacle/model";
import { expect, test } from "vitest";
import { FORWARD_SERIES_IDLE_MS } from "../limits.ts";
import { SeriesTable } from "./series-table.ts";

const labelsOf = (name: string): Labels => Labels.fromObject({ __name__: name });

test("a series has one number while it is used, and is unknown once it was not for long", () => {
  const table = new SeriesTable();
  const a = table.ref(labelsOf("a"), 0);
  const b = table.ref(labelsOf("b"), 0);
  expect(table.ref(labelsOf("a"), 1)).toBe(a);
  expect(table.labels(a, FORWARD_SERIES_IDLE_MS)?.toString()).toBe("a");
  table.sweep(FORWARD_SERIES_IDLE_MS + 1);
  expect(table.labels(a, FORWARD_SERIES_IDLE_MS + 2)?.toString()).toBe("a");
  expect(table.labels(b, FORWARD_SERIES_IDLE_MS + 2)).toBeUndefined();
  // Its old number must stay unknown: a sender may still have it.
  expect([a, b]).not.toContain(table.ref(labelsOf("b"), FORWARD_SERIES_IDLE_MS + 3));
});
