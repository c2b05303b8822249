import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "@binnacle/config";
import { BinnacleError } from "@binnacle/model";
import { expect, test } from "vitest";
import { DEFAULT_RULES_FILE } from "./default-rules.ts";
import { loadRuleFile } from "./rule-file.ts";

function checkExpression(expression: string): void {
  if (expression.endsWith("{")) throw new BinnacleError("PARSE_ERROR", "1:4: unexpected end of input");
}

const load = (text: string) => loadRuleFile(text, { file: "r.yml", checkExpression });

test("a file gives its groups, their labels merged into the rules", () => {
  const [group] = load(`
groups:
  - name: g
    interval: 30s
    limit: 7
    query_offset: 1m
    labels: { team: a, tier: 1 }
    rules:
      - record: job:up:sum
        expr: |
          sum by (job) (up)
        labels: { tier: 2 }
      - alert: Down
        expr: up == 0
        for: 5m
        keep_firing_for: 10m
        labels: { severity: page }
        annotations: { summary: "{{ $labels.job }} is down" }
`);
  expect(JSON.parse(JSON.stringify(group))).toEqual({
    file: "r.yml",
    name: "g",
    intervalMs: 30_000,
    limit: 7,
    queryOffsetMs: 60_000,
    rules: [
      {
        type: "recording",
        name: "job:up:sum",
        expression: "sum by (job) (up)",
        labels: { team: "a", tier: "2" },
      },
      {
        type: "alerting",
        name: "Down",
        expression: "up == 0",
        forMs: 300_000,
        keepFiringForMs: 600_000,
        labels: { severity: "page", team: "a", tier: "1" },
        annotations: { summary: "{{ $labels.job }} is down" },
      },
    ],
  });
});

test("all mistakes are told of at once, each with its place", () => {
  const text = `groups:
  - name: a
    intervall: 1m
    rules:
      - alert: X
        expr: up{
        for: 5 m
        annotations:
          summary: "{{ nope }}"
      - record: "a{b}"
        expr: up
        annotations: { x: y }
      - expr: up
      - record: a
        alert: b
        expr: up
`;
  let error: unknown;
  try {
    load(text);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(ConfigError);
  const places = (error as ConfigError).mistakes.map(
    ({ line, column, path: where }) => `${line}:${column} ${where}`,
  );
  expect(places).toEqual([
    "3:5 groups[0].intervall",
    "6:15 groups[0].rules[0].expr",
    "7:14 groups[0].rules[0].for",
    "9:20 groups[0].rules[0].annotations.summary",
    "10:17 groups[0].rules[1].record",
    "12:22 groups[0].rules[1].annotations",
    "13:9 groups[0].rules[2]",
    "15:16 groups[0].rules[3].alert",
  ]);
  expect((error as ConfigError).message).toContain("1:4: unexpected end of input");
  expect((error as ConfigError).message).toContain('function "nope" not defined');
});

test.for<[what: string, text: string, message: string]>([
  ["two groups of one name", "groups: [{name: a}, {name: a}]", "a name that no other group of the file has"],
  ["a group without a name", "groups: [{rules: []}]", "groups[0]"],
  ["a rule without an expression", "groups: [{name: a, rules: [{record: a}]}]", "rules[0]"],
  [
    "a label that would rename",
    "groups: [{name: a, rules: [{record: a, expr: b, labels: {__name__: x}}]}]",
    "a label name",
  ],
  ["a limit below 0", "groups: [{name: a, limit: -1}]", "limit"],
])("%s is refused", ([, text, message]) => {
  expect(() => load(text)).toThrow(message);
});

test("an empty file has no groups, and an interval of 0 is the global one", () => {
  expect(load("")).toEqual([]);
  expect(load("groups: [{name: a, interval: 0s}]")[0]!.intervalMs).toBeUndefined();
});

test("the rules that come with the program load", () => {
  const groups = loadRuleFile(readFileSync(DEFAULT_RULES_FILE, "utf8"), {
    file: "default.yaml",
    checkExpression,
  });
  expect(groups.flatMap(({ rules }) => rules.map(({ name }) => name))).toContain("TargetDown");
  for (const rule of groups.flatMap(({ rules }) => rules)) {
    expect(rule.type === "alerting" && rule.annotations.has("summary"), rule.name).toBe(true);
    expect(rule.labels.get("severity"), rule.name).toMatch(/^(warning|critical)$/);
  }
});

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const shared = path.resolve(root, process.env["BINNACLE_SHARED"] ?? "../shared", "data/rules");

test.runIf(existsSync(shared)).for([
  ["nodeExporter.yml", 41],
  ["alertmanager.yml", 9],
  ["kubernetesControlPlane.yml", 134],
] as const)("%s of kube-prometheus loads unchanged", ([file, rules]) => {
  const groups = loadRuleFile(readFileSync(path.join(shared, file), "utf8"), { file, checkExpression });
  expect(groups.reduce((sum, group) => sum + group.rules.length, 0)).toBe(rules);
});
