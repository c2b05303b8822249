/** A share of a whole. */
import { z } from "zod";

/** `80%` → 0.8. */
export const percentage = z.string().transform((text, context): number => {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const ratio = match === null ? Number.NaN : Number(match[1]) / 100;
  if (ratio <= 1) return ratio;
  context.addIssue({ code: "custom", message: "a percentage from 0% to 100%", input: text });
  return z.NEVER;
});
