/** Reads Accept-Encoding: which of the codings that are offered a client likes best. */

/**
 * The first of `offered`, best first, that the header allows with the highest weight; undefined where it
 * wants the body as it is. A header that is absent asks for nothing.
 */
export function chooseEncoding<Name extends string>(
  header: string | undefined,
  offered: readonly Name[],
): Name | undefined {
  if (header === undefined) return undefined;
  const weights = new Map<string, number>();
  for (const part of header.toLowerCase().split(",")) {
    const [name = "", ...parameters] = part.split(";").map((it) => it.trim());
    const weight = parameters.find((it) => it.startsWith("q="));
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  let chosen: Name | undefined;
  let highest = 0;
  for (const name of offered) {
    const weight = weights.get(name) ?? weights.get("*") ?? 0;
    if (weight > highest) {
      chosen = name;
      highest = weight;
    }
  }
  return chosen !== undefined && highest >= (weights.get("identity") ?? 0) ? chosen : undefined;
}
