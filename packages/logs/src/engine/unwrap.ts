/** `| unwrap label`: the number a line gives to a range aggregation. */
import type { UnwrapStage } from "../parser/ast.ts";
import type { LineLabels } from "./line-labels.ts";
import { parseGoDuration, parseGoFloat, parseGoSize } from "./quantities.ts";

export interface Unwrap {
  readonly label: string;
  /** Undefined where the line has no such label. One that is no number is an error of the line, and 0. */
  read(labels: LineLabels): number | undefined;
}

export function compileUnwrap({ label, conversion }: UnwrapStage): Unwrap {
  const parse =
    conversion === undefined ? parseGoFloat : conversion === "bytes" ? parseGoSize : parseGoDuration;
  return {
    label,
    read(labels) {
      const text = labels.get(label);
      if (text === undefined || text === "") return undefined;
      const value = parse(text);
      if (value === undefined) {
        labels.setError(
          "SampleExtractionErr",
          `${label} is ${JSON.stringify(text)}, which is no ${conversion ?? "number"}`,
        );
      }
      return value ?? 0;
    },
  };
}
