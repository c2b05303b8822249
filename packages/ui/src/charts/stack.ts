/** Stacking: each row becomes the sum of itself and the rows below it. */
import type { Values } from "./chart-data.ts";

/**
 * A gap in one series adds nothing to those above it, but where all have a gap the stack has one: an outage
 * must not look like zero.
 */
export function stackRows(rows: readonly Values[]): Values[] {
  const length = rows[0]?.length ?? 0;
  const sum = Array.from<number>({ length }).fill(0);
  const isFilled = Array.from<boolean>({ length }).fill(false);
  for (const row of rows) {
    for (let index = 0; index < length; index++) if (row[index] !== null) isFilled[index] = true;
  }
  return rows.map((row) =>
    row.map((value, index) => {
      if (!isFilled[index]) return null;
      sum[index]! += value ?? 0;
      return sum[index]!;
    }),
  );
}
