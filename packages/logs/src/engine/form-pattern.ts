/** What a line filter says of all lines of a form, so that a store need not look at each. */
import type { LinePattern } from "@binnacle/model";
import { HolePattern } from "@binnacle/re2";
import type { LineFilterStage, LineFilterValue } from "../parser/ast.ts";

/** Whether any of the filter's values is in a line, or matches it; undefined where that cannot be told. */
export function compileLinePattern({ op, values }: LineFilterStage): LinePattern | undefined {
  const isLiteral = op === "|=" || op === "!=";
  if (!isLiteral && op !== "|~" && op !== "!~") return undefined;
  const patterns: HolePattern[] = [];
  for (const value of values) {
    const pattern = isLiteral ? literalPattern(value) : value.text;
    const compiled =
      value.kind === "text" && pattern !== undefined ? HolePattern.compile(pattern) : undefined;
    if (compiled === undefined) return undefined;
    patterns.push(compiled);
  }
  return {
    key: JSON.stringify([isLiteral, ...values.map(({ text }) => text)]),
    judge(form, masks) {
      let verdict: ReturnType<LinePattern["judge"]> = "never";
      for (const pattern of patterns) {
        const one = pattern.judge(form, masks);
        if (one === "always") return one;
        if (one === "sometimes") verdict = one;
      }
      return verdict;
    },
  };
}

/** A literal is bytes; in a line that is no UTF-8 others than its own show as U+FFFD. */
function literalPattern({ text }: LineFilterValue): string | undefined {
  if (text.includes("\ufffd") || !text.isWellFormed()) return undefined;
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
