/**
 * Reads scalars as Go's YAML does, by the type that is wanted rather than by how they look: Prometheus's
 * users write `replacement: 1`, `zone: 007` and `honor_labels: yes`. The schema's objections say which type
 * that is.
 */
import type { Issue } from "./issues.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

const BOOLEANS: ReadonlyMap<string, boolean> = new Map(
  [
    ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true"].map((text) => [text, true] as const),
    ["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false"].map((text) => [text, false] as const),
  ].flat(),
);

/** Changes scalars inside `value` to what the issues ask for; whether any changed. */
export function rereadScalars(value: unknown, issues: readonly Issue[], source: YamlSource): boolean {
  let changed = false;
  for (const { path, expected } of wantedTypes(issues, [])) {
    const text = source.plainTextAt(path);
    if (text === undefined) continue;
    const scalar = expected === "string" ? text : BOOLEANS.get(text);
    if (scalar !== undefined && setAt(value, path, scalar)) changed = true;
  }
  return changed;
}

function* wantedTypes(issues: readonly Issue[], base: Path): Generator<{ path: Path; expected: string }> {
  for (const issue of issues) {
    const path = [...base, ...issue.path];
    if (issue.code === "invalid_union") {
      for (const branch of issue.errors) yield* wantedTypes(branch, path);
    } else if (issue.code === "invalid_type" && typeof issue.input !== "object") {
      if (issue.expected === "string" || issue.expected === "boolean")
        yield { path, expected: issue.expected };
    }
  }
}

function setAt(root: unknown, path: Path, scalar: string | boolean): boolean {
  let container = root;
  for (const segment of path.slice(0, -1)) container = (container as Record<PropertyKey, unknown>)[segment];
  const last = path.at(-1);
  if (last === undefined || typeof container !== "object" || container === null) return false;
  const record = container as Record<PropertyKey, unknown>;
  if (record[last] === undefined || record[last] === scalar) return false;
  record[last] = scalar;
  return true;
}

/** A copy in which no key is null: a key without a value leaves its default, as in Go. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item) ?? null);
  if (typeof value !== "object" || value === null) return value ?? undefined;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (item === null) continue;
    // Not an assignment: a key may be called __proto__.
    const property = { value: withoutNulls(item), writable: true, enumerable: true, configurable: true };
    Object.defineProperty(copy, key, property);
  }
  return copy;
}
