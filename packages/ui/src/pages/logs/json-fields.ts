/** The fields of a line that is a JSON object. */

/** Fields shown of one line. */
const FIELDS_MAX = 100;

/** Name and text of each field, nested names joined by dots; nothing where the line is no JSON object. */
export function jsonFields(line: string): readonly (readonly [name: string, text: string])[] {
  if (!line.trimStart().startsWith("{")) return [];
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return [];
  }
  const fields: [string, string][] = [];
  collect("", value, fields);
  return fields;
}

function collect(prefix: string, value: unknown, fields: [string, string][]): void {
  if (fields.length >= FIELDS_MAX) return;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [name, inner] of Object.entries(value))
      collect(prefix === "" ? name : `${prefix}.${name}`, inner, fields);
    return;
  }
  fields.push([prefix, typeof value === "string" ? value : JSON.stringify(value)]);
}
