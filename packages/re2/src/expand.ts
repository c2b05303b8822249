/** Go's Regexp.Expand: templates with `$1`, `${name}` and `$$`. */

const REFERENCE = /^(?:\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/u;

/**
 * `$name` takes the longest run of letters, digits and `_`; a name that is no group gives the empty text;
 * `$$` is a dollar, and a `$` that begins nothing stays as it is.
 */
export function expandTemplate(
  template: string,
  groups: readonly (string | undefined)[],
  names: readonly (string | undefined)[],
): string {
  if (!template.includes("$")) return template;
  let result = "";
  let at = 0;
  while (at < template.length) {
    const dollar = template.indexOf("$", at);
    if (dollar < 0) return result + template.slice(at);
    result += template.slice(at, dollar);
    if (template[dollar + 1] === "$") {
      result += "$";
      at = dollar + 2;
      continue;
    }
    const match = REFERENCE.exec(template.slice(dollar + 1));
    if (match === null) {
      result += "$";
      at = dollar + 1;
      continue;
    }
    const name = (match[1] ?? match[2])!;
    const index = /^\d+$/.test(name) ? Number(name) : names.indexOf(name);
    result += (index >= 0 ? groups[index] : undefined) ?? "";
    at = dollar + 1 + match[0].length;
  }
  return result;
}
