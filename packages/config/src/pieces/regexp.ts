/** A regular expression of RE2's syntax. */
import { Regexp, type RegexpOptions } from "@binnacle/re2";
import { z } from "zod";

/** RE2 source → compiled. Relabelling and matchers want `{ anchored: true, dotAll: true }`. */
export function regexp(options: RegexpOptions = {}): z.ZodType<Regexp, string> {
  return z.string().transform((text, context): Regexp => {
    try {
      return Regexp.compile(text, options);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      context.addIssue({ code: "custom", message: `a regular expression of RE2 (${reason})`, input: text });
      return z.NEVER;
    }
  });
}
