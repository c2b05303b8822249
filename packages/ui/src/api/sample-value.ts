/** Values as the API writes them: text, since JSON has neither infinities nor NaN. */

/** JavaScript reads "Infinity", the API writes "+Inf". */
export function sampleValue(text: string): number {
  if (text === "+Inf" || text === "Inf") return Infinity;
  if (text === "-Inf") return -Infinity;
  return text === "" ? Number.NaN : Number(text);
}
