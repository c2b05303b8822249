/** A size in bytes as Prometheus writes it: `10MB`, `1GiB`, `1.5KB`; every unit is a power of 1024. */
import { z } from "zod";

const UNITS = ["", "K", "M", "G", "T", "P", "E"];
const PART = /^(\d+(?:\.\d*)?|\.\d+)([KMGTPE]?)(i?)B/;

/** Bytes of a size, or undefined where the text is none. "0" is the one size without a unit. */
export function tryParseByteSize(text: string): number | undefined {
  if (text === "0") return 0;
  let bytes = 0;
  let rest = text;
  do {
    const match = PART.exec(rest);
    if (match === null || (match[2] === "" && match[3] !== "")) return undefined;
    bytes += Number(match[1]) * 1024 ** UNITS.indexOf(match[2]!);
    rest = rest.slice(match[0].length);
  } while (rest !== "");
  const whole = Math.floor(bytes);
  return Number.isSafeInteger(whole) ? whole : undefined;
}

/** `10MB` → bytes. */
export const byteSize = z.string().transform((text, context): number => {
  const bytes = tryParseByteSize(text);
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: "custom", message: "a size such as 512KB, 10MB or 1GiB", input: text });
  return z.NEVER;
});
