/**
 * The parameter `format` of CSV imports, which says what each column is, as VictoriaMetrics has it:
 *
 *     2:metric:ask,3:metric:bid,1:label:ticker,4:time:unix_s
 */
import { BinnacleError } from "@binnacle/model";
import { CSV_COLUMNS_MAX } from "../limits.ts";

export const CSV_TIMES = ["unix_s", "unix_ms", "unix_ns", "rfc3339"] as const;
export type CsvTime = (typeof CSV_TIMES)[number];

export type CsvColumn = { readonly index: number } & (
  | { readonly kind: "metric" | "label"; readonly name: string }
  | { readonly kind: "time"; readonly time: CsvTime }
);

/** Columns count from 1 in the text, from 0 in what is returned. Throws BAD_PARAMETER. */
export function parseCsvFormat(format: string): CsvColumn[] {
  const columns = format.split(",").map(parseColumn);
  if (!columns.some(({ kind }) => kind === "metric")) fail(format, "it names no column of a metric");
  if (columns.filter(({ kind }) => kind === "time").length > 1) fail(format, "it names two columns of times");
  return columns;
}

function parseColumn(text: string): CsvColumn {
  const [position = "", kind = "", ...rest] = text.split(":");
  const name = rest.join(":");
  const index = Number(position) - 1;
  if (!/^\d{1,6}$/.test(position) || index < 0 || index >= CSV_COLUMNS_MAX) {
    fail(text, `a column's number is from 1 to ${CSV_COLUMNS_MAX} (CSV_COLUMNS_MAX)`);
  }
  if (kind === "time") {
    const time = CSV_TIMES.find((known) => known === name);
    return time === undefined
      ? fail(text, `a time is one of ${CSV_TIMES.join(", ")}`)
      : { index, kind, time };
  }
  if ((kind !== "metric" && kind !== "label") || name === "") {
    return fail(text, "expected COLUMN:metric:NAME, COLUMN:label:NAME or COLUMN:time:KIND");
  }
  return { index, kind, name };
}

function fail(text: string, what: string): never {
  throw new BinnacleError("BAD_PARAMETER", `invalid parameter "format": ${JSON.stringify(text)}: ${what}`);
}
