/** A size in bytes as Prometheus writes it: `10MB`, `1GiB`, `1.5KB`; every unit is a power of 1024. */
import { z } from "zod";
import { tryParseByteSize } from "./byte-size-text.ts";

/** `10MB` → bytes. */
export const byteSize = z.string().transform((text, context): number => {
  const bytes = tryParseByteSize(text);
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: "custom", message: "a size such as 512KB, 10MB or 1GiB", input: text });
  return z.NEVER;
});
