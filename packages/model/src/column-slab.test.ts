import { expect, test } from "vitest";
import { ColumnSlab } from "./column-slab.ts";

test("columns of any length are zeros of their own", () => {
  const slab = new ColumnSlab();
  const columns = [1, 481, 3, 0, 8000, 2000, 2049, 7, 481, 481].map((length) => slab.take(length));
  for (const [i, column] of columns.entries()) {
    expect([...column].every((value) => value === 0)).toBe(true);
    column.fill(i + 1);
  }
  for (const [i, column] of columns.entries())
    expect([...column].every((value) => value === i + 1)).toBe(true);
  expect(columns.map(({ length }) => length)).toEqual([1, 481, 3, 0, 8000, 2000, 2049, 7, 481, 481]);
});
