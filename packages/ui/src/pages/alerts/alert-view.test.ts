import type { RuleGroup } from "@binnacle/api";
import { expect, test } from "vitest";
import { countStates, filterGroups, type RuleState } from "./alert-view.ts";

const base = {
  query: "up == 0",
  evaluationTime: 0,
  lastEvaluation: "",
  annotations: {},
  duration: 0,
  keepFiringFor: 0,
};
const group = (name: string, rules: RuleGroup["rules"]): RuleGroup => {
  return { name, file: "f.yml", rules, interval: 1, limit: 0, evaluationTime: 0, lastEvaluation: "" };
};
const alerting = (name: string, state: "firing" | "pending" | "inactive" | "unknown", pod?: string) => ({
  ...base,
  name,
  type: "alerting" as const,
  health: "ok" as const,
  state,
  alerts:
    pod === undefined ? [] : [{ labels: { pod }, annotations: {}, state: "firing" as const, value: "1" }],
});

const groups: RuleGroup[] = [
  group("quiet", [alerting("Calm", "inactive"), { ...base, name: "r:x", type: "recording", health: "ok" }]),
  group("loud", [alerting("Down", "firing", "p-1"), alerting("New", "unknown")]),
  group("broken", [{ ...alerting("Bad", "firing"), health: "err" }]),
];

const names = (states: RuleState[], text = ""): string[] =>
  filterGroups(groups, { states: new Set(states), text }).flatMap(({ rules }) =>
    rules.map(({ name }) => name),
  );

test("states are counted; what cannot be evaluated is broken, whatever it was", () => {
  expect(countStates(groups)).toEqual({ firing: 1, pending: 0, inactive: 2, recording: 1, broken: 1 });
});

test("no state chosen is all, groups with trouble first", () => {
  expect(names([])).toEqual(["Down", "New", "Bad", "Calm", "r:x"]);
  expect(names(["firing"])).toEqual(["Down"]);
  expect(names(["recording", "broken"])).toEqual(["Bad", "r:x"]);
});

test("words are looked for in names, expressions and the labels of active alerts", () => {
  expect(names([], "pod=p-1")).toEqual(["Down"]);
  expect(names([], "UP == down")).toEqual(["Down"]);
  expect(names([], "quiet")).toEqual(["Calm", "r:x"]);
  expect(names([], "nothing")).toEqual([]);
});
