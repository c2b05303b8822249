/** A duration as Prometheus writes it. */
import { tryParseDuration } from "@binnacle/model";
import { z } from "zod";

/** `1h30m` → milliseconds. */
export const durationMs = z.string().transform((text, context): number => {
  const ms = tryParseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: "custom", message: "a duration such as 30s, 5m or 1h30m", input: text });
  return z.NEVER;
});
