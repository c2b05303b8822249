/** From an instant query's answer to rows of text. */
import type { QueryData, VectorSample } from "@binnacle/api";
import { sampleValue } from "../../api/sample-value.ts";
import { seriesSelector, type LabelSet } from "../../labels/selector.ts";

export interface TableRow {
  readonly key: string;
  readonly labels: LabelSet;
  /** The value as the server wrote it: no digit is lost. */
  readonly text: string;
  /** NaN where there is no single number. */
  readonly value: number;
  /** [Unix seconds, value as text] of a range selector's answer. */
  readonly samples: readonly (readonly [number, string])[];
}

export type SortBy = "answer" | "name" | "value-desc" | "value-asc";

export function tableRows(data: QueryData): readonly TableRow[] {
  switch (data.resultType) {
    case "scalar":
    case "string":
      return [row({}, data.result[1])];
    case "vector":
      return data.result.map((sample) => row(sample.metric, valueText(sample)));
    default:
      return data.result.map(({ metric, values }) => ({ ...row(metric, ""), samples: values ?? [] }));
  }
}

function row(labels: LabelSet, text: string): TableRow {
  return {
    key: seriesSelector(labels),
    labels,
    text,
    value: sampleValue(text),
    samples: [],
  };
}

function valueText({ value, histogram }: VectorSample): string {
  if (value !== undefined) return value[1];
  return histogram === undefined ? "" : `count ${histogram[1].count}, sum ${histogram[1].sum}`;
}

/** By value NaN comes last, whichever way. */
export function sortRows(rows: readonly TableRow[], by: SortBy): readonly TableRow[] {
  if (by === "answer") return rows;
  if (by === "name") return rows.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
  const sign = by === "value-desc" ? -1 : 1;
  return rows.toSorted((a, b) => {
    if (Number.isNaN(a.value) || Number.isNaN(b.value))
      return Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
    return a.value === b.value ? 0 : sign * (a.value < b.value ? -1 : 1);
  });
}
