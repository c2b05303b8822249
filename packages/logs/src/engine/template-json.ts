/** JSON as a template's values. Numbers become floats, as Go's decoder makes them. */
import type { Value } from "@binnacle/gotemplate";

export function fromJson(text: string): Value {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // As sprig's: what is no JSON is no value.
    return undefined;
  }
  return toValue(parsed);
}

function toValue(parsed: unknown): Value {
  if (parsed === null) return undefined;
  if (Array.isArray(parsed)) return parsed.map(toValue);
  if (typeof parsed !== "object") return parsed as string | number | boolean;
  return new Map(Object.entries(parsed).map(([key, value]) => [key, toValue(value)]));
}
