import type { RuleGroup } from "@binnacle/api";
import { expect, test } from "vitest";
import { narrowRuleGroups } from "./rule-groups.ts";

const common = { health: "ok", evaluationTime: 0, lastEvaluation: "", query: "up" } as const;
const alert = { labels: {}, annotations: {}, state: "firing", value: "1e+00" } as const;

function group(name: string, file: string): RuleGroup {
  const times = { interval: 60, limit: 0, evaluationTime: 0, lastEvaluation: "" };
  return {
    name,
    file,
    ...times,
    rules: [
      { ...common, name: `${name}:record`, type: "recording", labels: { team: "db" } },
      {
        ...common,
        name: `${name}Alert`,
        type: "alerting",
        state: "firing",
        duration: 0,
        keepFiringFor: 0,
        labels: { severity: "page" },
        annotations: {},
        alerts: [alert],
      },
    ],
  };
}

const GROUPS = [group("a", "x.yml"), group("b", "x.yml"), group("c", "y.yml")];
const narrow = (params: Parameters<typeof narrowRuleGroups>[1]) =>
  narrowRuleGroups(GROUPS, params, new Set());

test.each([
  ["nothing", {}, "a:record aAlert b:record bAlert c:record cAlert"],
  ["alerting rules", { type: "alert" }, "aAlert bAlert cAlert"],
  ["recording rules", { type: "record" }, "a:record b:record c:record"],
  ["names", { "rule_name[]": ["bAlert"] }, "bAlert"],
  ["groups", { "rule_group[]": ["a", "c"] }, "a:record aAlert c:record cAlert"],
  ["files", { "file[]": ["y.yml"] }, "c:record cAlert"],
  ["labels", { "match[]": ['{team="db"}', '{severity=~"none|never"}'] }, "a:record b:record c:record"],
])("narrowed by %s", (_what, params, names) => {
  const { groups } = narrow(params);
  expect(groups.flatMap(({ rules }) => rules.map(({ name }) => name)).join(" ")).toBe(names);
});

function alertsOf(excluded: string) {
  const { groups } = narrow({ exclude_alerts: excluded });
  return groups.flatMap(({ rules }) =>
    rules.flatMap((rule) => (rule.type === "alerting" ? rule.alerts : [])),
  );
}

test("alerts can be left out", () => {
  expect(alertsOf("false")).toHaveLength(3);
  expect(alertsOf("true")).toHaveLength(0);
});

test("pages follow each other to the end, whatever their size", () => {
  for (const size of [1, 2, 3, 4]) {
    const seen: string[] = [];
    let token: string | undefined;
    for (let page = 0; page < 4; page++) {
      const params = {
        group_limit: String(size),
        ...(token === undefined ? {} : { group_next_token: token }),
      };
      const answer = narrow(params);
      seen.push(...answer.groups.map(({ name }) => name));
      token = answer.groupNextToken;
      if (token === undefined) break;
    }
    expect(seen).toEqual(["a", "b", "c"]);
  }
});

test.each([
  [{ type: "both" }, 'invalid parameter "type": not supported value "both"'],
  [{ group_next_token: "x" }, "group_limit needs to be present"],
  [{ group_limit: "0" }, "group_limit needs to be greater than 0"],
  [{ group_limit: "-1" }, "group_limit needs to be greater than 0"],
  [{ group_limit: "1", group_next_token: "x" }, "invalid group_next_token 'x'"],
  [{ exclude_alerts: "perhaps" }, "error converting exclude_alerts"],
  [{ "match[]": ["up["] }, 'invalid parameter "match[]": 1:4: parse error'],
])("%j is refused", (params, message) => {
  expect(() => narrow(params)).toThrow(message);
});
