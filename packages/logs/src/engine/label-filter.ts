/** `| status >= 500 and method="GET"`: filters by labels, with units. */
import { compileMatcher } from "@binnacle/re2";
import type { LabelComparison, LabelCondition } from "../parser/ast.ts";
import { parseIpRange } from "./ip-range.ts";
import type { Line } from "./line.ts";
import { parseGoDuration, parseGoFloat, parseGoSize } from "./quantities.ts";
import type { LineStage } from "./stage.ts";

/** Throws BAD_REGEXP or PARSE_ERROR. */
export function compileLabelFilter(condition: LabelCondition): LineStage {
  if (condition.kind === "compare") return compileComparison(condition);
  const left = compileLabelFilter(condition.left);
  const right = compileLabelFilter(condition.right);
  return condition.kind === "and" ? (line) => left(line) && right(line) : (line) => left(line) || right(line);
}

function compileComparison(comparison: LabelComparison): LineStage {
  const { name, op, value } = comparison;
  switch (value.kind) {
    case "string": {
      const { text } = value;
      const predicate = compileMatcher({ name, op: op as "=" | "!=" | "=~" | "!~", value: text });
      return (line) => predicate.test(line.labels.get(name) ?? "");
    }
    case "ip": {
      const range = parseIpRange(value.text);
      const isNegative = op === "!=";
      return (line) => {
        if (line.labels.hasError) return true;
        const found = line.labels.get(name);
        return found !== undefined && range.contains(found) !== isNegative;
      };
    }
    default: {
      const parse = { number: parseGoFloat, duration: parseGoDuration, bytes: parseGoSize }[value.kind];
      const compare = COMPARE[op as keyof typeof COMPARE];
      const wanted = value.value;
      return (line) => filterQuantity(line, name, parse, (found) => compare(found, wanted));
    }
  }
}

/** A line whose label is no quantity stays, with an error that a later filter may look at. */
function filterQuantity(
  line: Line,
  name: string,
  parse: (text: string) => number | undefined,
  test: (found: number) => boolean,
): boolean {
  const text = line.labels.get(name);
  if (text === undefined) return false;
  const found = parse(text);
  if (found === undefined) {
    // An earlier error says more about the line.
    if (line.labels.hasError) return true;
    line.labels.setError("LabelFilterErr", `${name} is ${JSON.stringify(text)}, which cannot be compared`);
    return true;
  }
  return test(found);
}

const COMPARE = {
  "=": (a: number, b: number) => a === b,
  "==": (a: number, b: number) => a === b,
  "!=": (a: number, b: number) => a !== b,
  ">": (a: number, b: number) => a > b,
  ">=": (a: number, b: number) => a >= b,
  "<": (a: number, b: number) => a < b,
  "<=": (a: number, b: number) => a <= b,
} as const;
