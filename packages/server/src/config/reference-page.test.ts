import fs from "node:fs";
import path from "node:path";
import { loadYaml, type ConfigError } from "@binnacle/config";
import { expect, test } from "vitest";
import { fileSchema } from "./schema.ts";

const page = fs.readFileSync(
  path.resolve(import.meta.dirname, "../../../../docs/reference/configuration.md"),
  "utf8",
);

test("the page's example is a configuration", () => {
  const [, example] = /```yaml\n([^]*?)```/.exec(page)!;
  expect(() => loadYaml(fileSchema, example!, { file: "configuration.md" })).not.toThrow();
});

test("the page names every key of the section binnacle", () => {
  expect(knownKeys("binnacle: {nonesuch: 1}")).toEqual(
    [...new Set(documentedKeys().map((key) => key.split(".")[0]!))].sort(),
  );
});

test.each(["retention", "query", "self_scrape", "host", "log_sources"])(
  "the page names every key of %s",
  (section) => {
    const documented = documentedKeys().filter((key) => key.startsWith(`${section}.`));
    expect(knownKeys(`binnacle: {${section}: {nonesuch: 1}}`)).toEqual(
      documented.map((key) => key.slice(section.length + 1)).sort(),
    );
  },
);

/** Keys of the first column; `a.b`, `.c` in one row is a.b and a.c. */
function documentedKeys(): string[] {
  const table = page.slice(page.indexOf("## The section `binnacle`"));
  return [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell]) => {
    const keys = [...cell!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
    const section = keys[0]!.split(".")[0]!;
    return keys.map((key) => (key.startsWith(".") ? section + key : key));
  });
}

/** What a mistake about an unknown key lists as the known ones. */
function knownKeys(text: string): string[] {
  try {
    loadYaml(fileSchema, text, { file: "x" });
  } catch (error) {
    return (error as ConfigError).mistakes[0]!.expected.replace("one of ", "").split(", ");
  }
  return [];
}
