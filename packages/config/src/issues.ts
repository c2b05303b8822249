/** Turns what zod objects to into mistakes with places and in words a person can act on. */
import type { z } from "zod";
import { FOUND_LENGTH_MAX } from "./limits.ts";
import type { Mistake } from "./mistake.ts";
import { nearestName } from "./near-miss.ts";
import { formatPath, type Path, type YamlSource } from "./yaml-source.ts";

export type Issue = z.core.$ZodIssue;

/** The keys that a mapping with an unknown key could have had, by the mapping itself. */
export type KnownKeys = WeakMap<object, readonly string[]>;

/** The mistakes of a list of issues, whose paths are relative to `base`. */
export function toMistakes(
  issues: readonly Issue[],
  source: YamlSource,
  known: KnownKeys,
  base: Path = [],
): Mistake[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    switch (issue.code) {
      case "unrecognized_keys":
        return issue.keys.map((key) => unknownKey([...path, key], key, issue.input, source, known));
      case "invalid_union":
        return unionMistakes(issue, path, source, known);
      case "invalid_key":
        return [
          {
            file: source.file,
            ...source.positionOfKey(path),
            path: formatPath(path),
            found: describeFound(path.at(-1)),
            expected: issue.issues.map(describeExpected).join(" and "),
          },
        ];
      default:
        return [
          {
            file: source.file,
            ...source.positionOf(path),
            path: formatPath(path),
            found: describeFound(issue.input),
            expected: describeExpected(issue),
          },
        ];
    }
  });
}

function unknownKey(path: Path, key: string, map: unknown, source: YamlSource, known: KnownKeys): Mistake {
  const names = typeof map === "object" && map !== null ? (known.get(map) ?? []) : [];
  const near = nearestName(key, names);
  return {
    file: source.file,
    ...source.positionOfKey(path),
    path: formatPath(path),
    found: `the unknown key ${JSON.stringify(key)}`,
    expected: names.length === 0 ? "no such key" : `one of ${names.toSorted().join(", ")}`,
    hint: near === undefined ? undefined : `did you mean ${near}?`,
  };
}

/** Of a union's branches the one that came nearest speaks; where none took even the type, all are named. */
function unionMistakes(
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: Path,
  source: YamlSource,
  known: KnownKeys,
): Mistake[] {
  const inside = issue.errors.filter((branch) => branch.every((it) => !isTypeIssueOfWhole(it)));
  const nearest = inside.toSorted((a, b) => a.length - b.length)[0];
  if (nearest !== undefined && nearest.length > 0) return toMistakes(nearest, source, known, path);
  const words = issue.errors.flatMap((branch) => branch.map(describeExpected));
  const expected = words.length === 0 ? optionsOf(issue) : [...new Set(words)].join(", or ");
  const found = describeFound(unionInput(issue));
  return [{ file: source.file, ...source.positionOf(path), path: formatPath(path), found, expected }];
}

/**
 * Where a discriminator chooses the branch, the issue's path leads to it, but its input is the whole mapping.
 */
function unionInput({ input, discriminator }: Extract<Issue, { code: "invalid_union" }>): unknown {
  const isMapping = typeof input === "object" && input !== null;
  return discriminator !== undefined && isMapping ? (input as Record<string, unknown>)[discriminator] : input;
}

function optionsOf(issue: Extract<Issue, { code: "invalid_union" }>): string {
  const { discriminator } = issue;
  const options = "options" in issue ? (issue.options ?? []) : [];
  return discriminator === undefined ? "another value" : `${discriminator} to be one of ${listOf(options)}`;
}

function listOf(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

function isTypeIssueOfWhole(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

/** In words that follow "expected". A schema's own message is taken as such words. */
function describeExpected(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPE_WORDS[issue.expected] ?? issue.expected;
    case "invalid_value":
      return `${issue.values.length === 1 ? "" : "one of "}${listOf(issue.values)}`;
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${count(issue.minimum, issue.origin)}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${count(issue.maximum, issue.origin)}`;
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    default:
      return issue.message;
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
  never: "nothing",
  undefined: "nothing",
};

const COUNTED: Readonly<Record<string, string>> = { string: "character", array: "entry", set: "entry" };

function count(bound: number | bigint, origin: string): string {
  const noun = COUNTED[origin];
  if (noun === undefined) return String(bound);
  const plural = noun === "entry" ? "entries" : `${noun}s`;
  return `${bound} ${Number(bound) === 1 ? noun : plural}`;
}

/** A value in words. Passwords inside a URL are not repeated. */
function describeFound(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return `a ${typeof value}`;
  const text = value.replace(/:\/\/[^/@]*@/, "://<secret>@");
  return JSON.stringify(text.length > FOUND_LENGTH_MAX ? `${text.slice(0, FOUND_LENGTH_MAX)}…` : text);
}
