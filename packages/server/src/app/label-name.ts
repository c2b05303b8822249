/**
 * Names of labels and metrics as they stand in paths: what is not a plain name is escaped, as Prometheus 3
 * has it. `U__` begins such a name; in it `__` stands for an underscore and `_1f600_` for the character of
 * that code point.
 */

const CODE_POINT_MAX = 0x10ffff;

/** The name that is meant. What is not escaped, or not well, is the name as it stands. */
export function readLabelName(name: string): string {
  if (!name.startsWith("U__")) return name;
  let text = "";
  const rest = name.slice(3);
  for (let at = 0; at < rest.length;) {
    if (rest[at] !== "_") {
      text += rest[at++];
      continue;
    }
    if (rest[at + 1] === "_") {
      text += "_";
      at += 2;
      continue;
    }
    const end = rest.indexOf("_", at + 1);
    const hex = end < 0 ? "" : rest.slice(at + 1, end);
    const codePoint = /^[0-9a-f]{1,6}$/i.test(hex) ? Number.parseInt(hex, 16) : NaN;
    const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    if (!(codePoint <= CODE_POINT_MAX) || isSurrogate) return name;
    text += String.fromCodePoint(codePoint);
    at = end + 1;
  }
  return text;
}
