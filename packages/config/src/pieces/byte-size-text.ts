/**
 * Reads a size in bytes as Prometheus writes it. Apart from its schema, so that a command line reads sizes
 * without loading what files need.
 */

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
