/** Reads a YAML document into the value of a schema, or says everything that is wrong with it. */
import type { z } from "zod";
import { toMistakes, type KnownKeys } from "./issues.ts";
import { REREAD_PASSES_MAX } from "./limits.ts";
import { ConfigError, type Mistake } from "./mistake.ts";
import { rereadScalars, withoutNulls } from "./reread.ts";
import { YamlSource } from "./yaml-source.ts";

export interface LoadOptions {
  /** How mistakes name the file. */
  readonly file: string;
}

/**
 * What a document gave: its value, or its mistakes, of which there is at least one. `raw` is the document as
 * written, undefined where that cannot be told.
 */
export type YamlResult<T> =
  | { readonly ok: true; readonly value: T; readonly raw: unknown; readonly source: YamlSource }
  | { readonly ok: false; readonly mistakes: readonly Mistake[]; readonly raw: unknown };

/**
 * An empty document is an empty mapping; a key without a value is as if it were not there. Messages of a
 * schema's own checks (`refine`, `addIssue`) are worded to follow "expected": `a duration such as 30s`.
 */
export function parseYaml<T>(schema: z.ZodType<T>, text: string, options: LoadOptions): YamlResult<T> {
  const source = new YamlSource(text, options.file);
  if (!source.isUsable) return { ok: false, mistakes: source.mistakes, raw: undefined };
  const raw = withoutNulls(source.value) ?? {};
  const known: KnownKeys = new WeakMap();
  for (let pass = 0; ; pass++) {
    const result = schema.safeParse(raw, { reportInput: true, error: (issue) => rememberKeys(issue, known) });
    if (result.success && source.mistakes.length === 0) return { ok: true, value: result.data, raw, source };
    const issues = result.error?.issues ?? [];
    if (pass < REREAD_PASSES_MAX && rereadScalars(raw, issues, source)) continue;
    return { ok: false, mistakes: [...source.mistakes, ...toMistakes(issues, source, known)], raw };
  }
}

/** The value of a document. Throws a ConfigError with all of its mistakes. */
export function loadYaml<T>(schema: z.ZodType<T>, text: string, options: LoadOptions): T {
  const result = parseYaml(schema, text, options);
  if (!result.ok) throw new ConfigError(result.mistakes);
  return result.value;
}

/** zod tells the keys of a strict object only here, while it words the message. */
function rememberKeys(issue: z.core.$ZodRawIssue, known: KnownKeys): undefined {
  if (issue.code !== "unrecognized_keys" || typeof issue.input !== "object" || issue.input === null) return;
  const definition = issue.inst?._zod.def as { shape?: object } | undefined;
  if (definition?.shape !== undefined) known.set(issue.input, Object.keys(definition.shape));
}
