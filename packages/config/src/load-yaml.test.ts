import { BinnacleError } from "@binnacle/model";
import { expect, test } from "vitest";
import { z } from "zod";
import {
  ConfigError,
  type Mistake,
  durationMs,
  httpUrl,
  labelSet,
  loadYaml,
  regexp,
  secret,
} from "./index.ts";

const job = z.strictObject({
  job_name: z.string(),
  scrape_interval: durationMs.default(60_000),
  honor_labels: z.boolean().default(false),
  regex: regexp().optional(),
  url: httpUrl.optional(),
  password: secret.optional(),
  port: z.int().min(1).max(65_535).optional(),
  role: z.enum(["pod", "node"]).optional(),
  targets: z.array(z.string()).min(1).optional(),
  params: z.record(z.string(), z.array(z.string())).optional(),
});
const schema = z.strictObject({
  global: z.strictObject({ external_labels: labelSet.optional() }).optional(),
  jobs: z.array(job).default([]),
  receiver: z
    .union([z.strictObject({ slack: z.string() }), z.strictObject({ webhook: httpUrl }), z.literal("none")])
    .optional(),
  source: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("file"), path: z.string() }),
      z.strictObject({ kind: z.literal("http"), url: httpUrl }),
    ])
    .optional(),
});

function mistakesOf(text: string): string[] {
  try {
    loadYaml(schema, text, { file: "f.yml" });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toBeInstanceOf(BinnacleError);
    expect((error as ConfigError).code).toBe("BAD_CONFIG");
    return (error as ConfigError).message.split("\n");
  }
  return [];
}

test.for<[name: string, text: string, mistakes: string[]]>([
  ["a wrong type", "jobs: 3", ["f.yml:1:7: jobs: found 3, expected a list"]],
  [
    "a key that is missing",
    "jobs:\n  - scrape_interval: 1s",
    ["f.yml:2:5: jobs[0].job_name: found nothing, expected a text"],
  ],
  [
    "an unknown key, with the one that was meant",
    "jobs:\n  - job_name: a\n    scrape_intreval: 1s",
    [
      'f.yml:3:5: jobs[0].scrape_intreval: found the unknown key "scrape_intreval", expected one of honor_labels, ' +
        "job_name, params, password, port, regex, role, scrape_interval, targets, url " +
        "(did you mean scrape_interval?)",
    ],
  ],
  [
    "an unknown key that resembles nothing",
    "global: {colour: red}",
    ['f.yml:1:10: global.colour: found the unknown key "colour", expected one of external_labels'],
  ],
  [
    "a bad duration",
    "jobs: [{job_name: a, scrape_interval: 1 minute}]",
    ['f.yml:1:39: jobs[0].scrape_interval: found "1 minute", expected a duration such as 30s, 5m or 1h30m'],
  ],
  [
    "a bad regular expression",
    "jobs: [{job_name: a, regex: '('}]",
    [
      'f.yml:1:29: jobs[0].regex: found "(", expected a regular expression of RE2 ' +
        "(error parsing regexp: missing closing ): `(`)",
    ],
  ],
  [
    "a bad URL, whose password is not repeated",
    "jobs: [{job_name: a, url: 'ftp://u:pw@h/'}]",
    ['f.yml:1:27: jobs[0].url: found "ftp://<secret>@h/", expected a URL that begins http:// or https://'],
  ],
  [
    "numbers out of bounds",
    "jobs: [{job_name: a, port: 0}, {job_name: b, port: 70000}, {job_name: c, port: 1.5}]",
    [
      "f.yml:1:28: jobs[0].port: found 0, expected at least 1",
      "f.yml:1:52: jobs[1].port: found 70000, expected at most 65535",
      "f.yml:1:80: jobs[2].port: found 1.5, expected a whole number",
    ],
  ],
  [
    "a value of a set, and a list that is too short",
    "jobs: [{job_name: a, role: pot, targets: []}]",
    [
      'f.yml:1:28: jobs[0].role: found "pot", expected one of "pod", "node"',
      "f.yml:1:42: jobs[0].targets: found a list, expected at least 1 entry",
    ],
  ],
  [
    "an empty label name",
    "global: {external_labels: {'': x}}",
    ['f.yml:1:28: global.external_labels[""]: found "", expected a label name: any text that is not empty'],
  ],
  [
    "a union: the branch that comes nearest",
    "receiver: {webhook: 'nowhere'}",
    ['f.yml:1:21: receiver.webhook: found "nowhere", expected a URL that begins http:// or https://'],
  ],
  [
    "a union: no branch",
    "receiver: [1]",
    ['f.yml:1:11: receiver: found a list, expected a mapping, or "none"'],
  ],
  [
    "a discriminated union",
    "source: {kind: ftp}",
    ['f.yml:1:16: source.kind: found "ftp", expected kind to be one of "file", "http"'],
  ],
  [
    "a key twice, beside other mistakes",
    "jobs: 1\nglobal: {}\nglobal: {}",
    [
      "f.yml:1:7: jobs: found 1, expected a list",
      "f.yml:3:1: found a key that stands twice in its mapping, expected each key once",
    ],
  ],
  ["a document that is a text", "hello", ['f.yml:1:1: found "hello", expected a mapping']],
])("%s", ([, text, mistakes]) => {
  expect(mistakesOf(text)).toEqual(mistakes);
});

test.for<[name: string, text: string, place: string]>([
  ["a mapping that ends too early", "jobs:\n  - a\n b: c", "f.yml:3:"],
  ["a tab as indent", "jobs:\n\t- a", "f.yml:2:"],
  ["a list that does not end", "jobs: [a, b", "f.yml:1:"],
  ["an alias to nothing", "jobs: *nowhere", "f.yml:1:"],
  ["two documents", "jobs: []\n---\njobs: []", "f.yml:"],
  [
    "aliases that multiply",
    ["a: &a [x,x,x,x,x,x,x,x,x]", ..."bcdefghi".split("").map((it, i) => bomb(it, "abcdefgh"[i]!))].join(
      "\n",
    ),
    "f.yml:",
  ],
])("not YAML: %s", ([, text, place]) => {
  const mistakes = mistakesOf(text);
  expect(mistakes.length).toBeGreaterThan(0);
  for (const mistake of mistakes) expect(mistake).toContain(place);
});

function bomb(name: string, of: string): string {
  return `${name}: &${name} [${Array(9).fill(`*${of}`).join(",")}]`;
}

test.for<[name: string, text: string, value: object | undefined]>([
  ["an empty document", "", { jobs: [] }],
  ["only comments", "# nothing\n", { jobs: [] }],
  ["keys without values", "global:\njobs:\n", { jobs: [] }],
  [
    "a number where a text is wanted",
    "jobs: [{job_name: 007, targets: [1.50, 0x10]}]",
    jobs({ job_name: "007", targets: ["1.50", "0x10"] }),
  ],
  ["a truth where a text is wanted", "jobs: [{job_name: true}]", jobs({ job_name: "true" })],
  [
    "yes and off where a truth is wanted",
    "jobs: [{job_name: yes, honor_labels: yes}]",
    jobs({ job_name: "yes", honor_labels: true }),
  ],
  ["a quoted yes is no truth", "jobs: [{job_name: a, honor_labels: 'yes'}]", undefined],
  [
    "numbers inside a record of lists",
    "jobs: [{job_name: a, params: {code: [200]}}]",
    jobs({ params: { code: ["200"] } }),
  ],
  [
    "anchors and merge keys",
    "global: {}\njobs:\n  - &a {job_name: 1, honor_labels: on}\n  - {<<: *a, job_name: 2}",
    jobs({ job_name: "1", honor_labels: true }, { job_name: "2", honor_labels: true }),
  ],
])("as Go reads it: %s", ([, text, value]) => {
  if (value === undefined) expect(mistakesOf(text)).toHaveLength(1);
  else expect(loadYaml(schema, text, { file: "f.yml" })).toMatchObject(value);
});

function jobs(...list: object[]): object {
  return { jobs: list.map((item) => Object.assign({ job_name: "a" }, item)) };
}

test("a mistake behind a merge key stands where the merged mapping has it", () => {
  const text = "jobs:\n  - &a {job_name: a, port: 0}\n  - {<<: *a, job_name: b}";
  expect(mistakesOf(text)).toEqual([
    "f.yml:2:28: jobs[0].port: found 0, expected at least 1",
    "f.yml:2:28: jobs[1].port: found 0, expected at least 1",
  ]);
});

test("a long value is cut", () => {
  const [mistake] = mistakesOf(`jobs: [{job_name: a, role: ${"x".repeat(500)}}]`);
  expect(mistake).toContain(`${"x".repeat(80)}…`);
  expect(mistake!.length).toBeLessThan(200);
});

function mistakeAt(file: string, line: number): Mistake {
  return { file, line, column: 1, path: "p", found: "x", expected: "y" };
}

test("mistakes of several files keep the files' order", () => {
  const error = new ConfigError([mistakeAt("b.yml", 9), mistakeAt("a.yml", 1), mistakeAt("b.yml", 2)]);
  expect(error.mistakes.map((it) => `${it.file}:${it.line}`)).toEqual(["b.yml:2", "b.yml:9", "a.yml:1"]);
  expect(error.position).toEqual({ line: 2, column: 1 });
});
