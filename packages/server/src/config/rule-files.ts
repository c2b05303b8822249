/** Finds and reads the files of `rule_files`, and the rules that come with the program. */
import fs from "node:fs/promises";
import path from "node:path";
import { loadRuleFile, type RuleGroupConfig } from "@binnacle/alerting";
import { ConfigError, type Mistake } from "@binnacle/config";
import { parse } from "@binnacle/promql/parser";
import { RULE_FILES_MAX } from "../limits.ts";

export interface RuleFiles {
  readonly files: readonly string[];
  readonly groups: readonly RuleGroupConfig[];
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly string[];
}

export interface RuleFileOptions {
  /** Relative patterns are below it. */
  readonly folder: string;
  /** Prometheus's names of enabled features. */
  readonly features: ReadonlySet<string>;
}

/**
 * A file that several patterns match is read once. A pattern that matches nothing is worth a warning, no
 * more.
 */
export async function loadRuleFiles(
  patterns: readonly string[],
  options: RuleFileOptions,
): Promise<RuleFiles> {
  const files = new Set<string>();
  const warnings: string[] = [];
  for (const pattern of patterns) {
    const found = (await Array.fromAsync(fs.glob(path.resolve(options.folder, pattern)))).sort();
    if (found.length === 0) warnings.push(`rule_files: no file matches ${pattern}`);
    for (const file of found) files.add(file);
  }
  if (files.size > RULE_FILES_MAX) {
    warnings.push(
      `rule_files: ${files.size} files match, of which RULE_FILES_MAX = ${RULE_FILES_MAX} are read`,
    );
  }
  const groups: RuleGroupConfig[] = [];
  const mistakes: Mistake[] = [];
  const read = [...files].slice(0, RULE_FILES_MAX);
  for (const file of read) {
    try {
      groups.push(...(await loadFile(file, options.features)));
    } catch (error) {
      mistakes.push(...mistakesOf(error, file));
    }
  }
  return { files: read, groups, mistakes, warnings };
}

async function loadFile(file: string, features: ReadonlySet<string>): Promise<readonly RuleGroupConfig[]> {
  const text = await fs.readFile(file, "utf8");
  return loadRuleFile(text, { file, checkExpression: (expression) => void parse(expression, { features }) });
}

/** A file that cannot be read is a mistake like any other. */
export function mistakesOf(error: unknown, file: string): readonly Mistake[] {
  if (error instanceof ConfigError) return error.mistakes;
  if (!(error instanceof Error) || !("syscall" in error)) throw error;
  return [{ file, line: 1, column: 1, path: "", found: error.message, expected: "a file that can be read" }];
}
