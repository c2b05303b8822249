import { Labels } from "@binnacle/model";
import { expect, test } from "vitest";
import {
  advanceAlerts,
  needsSending,
  type AlertCandidate,
  type AlertRuleTimes,
  type RuleAlerts,
} from "./alert-states.ts";

const MINUTE = 60_000;
const candidate = (name: string, value = 1): AlertCandidate => ({
  labels: Labels.fromObject({ name }),
  annotations: Labels.EMPTY,
  value,
});

/** One letter a minute: `x` the condition holds, `.` it does not. Answers one state a minute. */
function states(presence: string, times: Partial<AlertRuleTimes>): string {
  const alerts: RuleAlerts = new Map();
  const all: AlertRuleTimes = { forMs: 0, keepFiringForMs: 0, limit: 0, ...times };
  let result = "";
  presence.split("").forEach((letter, minute) => {
    advanceAlerts(alerts, letter === "x" ? [candidate("a")] : [], all, minute * MINUTE);
    const [alert] = alerts.values();
    result += alert === undefined ? "-" : { inactive: "r", pending: "p", firing: "F" }[alert.state];
  });
  return result;
}

test.for<[what: string, times: Partial<AlertRuleTimes>, presence: string, expected: string]>([
  ["for 0 fires at once", {}, ".xx..", "-FFrr"],
  ["for 2m waits", { forMs: 2 * MINUTE }, "xxxx.", "ppFFr"],
  ["a for between evaluations fires at the next", { forMs: 90_000 }, "xxx", "ppF"],
  ["what goes while it is pending is forgotten", { forMs: 2 * MINUTE }, "xx.xxx", "pp-ppF"],
  ["a new alert begins with pending again", { forMs: MINUTE }, "xx.xx", "pFrpF"],
  ["keep_firing_for bridges gaps", { keepFiringForMs: 2 * MINUTE }, "x.x..x...", "FFFFFFFFr"],
  ["keep_firing_for is no help to the pending", { forMs: MINUTE, keepFiringForMs: 5 * MINUTE }, "x.", "p-"],
  ["resolved alerts are kept for 15 minutes", {}, `x${".".repeat(18)}`, `F${"r".repeat(16)}--`],
])("%s", ([, times, presence, expected]) => {
  expect(states(presence, times)).toBe(expected);
});

test("two samples with equal labels are an error that changes nothing", () => {
  const alerts: RuleAlerts = new Map();
  const times = { forMs: 0, keepFiringForMs: 0, limit: 0 };
  advanceAlerts(alerts, [candidate("a")], times, 0);
  const before = JSON.stringify([...alerts]);
  expect(() => advanceAlerts(alerts, [candidate("b"), candidate("b")], times, MINUTE)).toThrow(
    'vector contains metrics with the same labelset after applying alert labels: {name="b"}',
  );
  expect(JSON.stringify([...alerts])).toBe(before);
});

test("more active alerts than the limit are an error that forgets all", () => {
  const alerts: RuleAlerts = new Map();
  const times = { forMs: 0, keepFiringForMs: 0, limit: 1 };
  advanceAlerts(alerts, [candidate("a")], times, 0);
  expect(() => advanceAlerts(alerts, [candidate("a"), candidate("b")], times, 1)).toThrow(
    "exceeded limit of 1 with 2 alerts",
  );
  expect(alerts.size).toBe(0);
});

test("value and annotations follow the newest sample, activeAt stays", () => {
  const alerts: RuleAlerts = new Map();
  const times = { forMs: 0, keepFiringForMs: 0, limit: 0 };
  advanceAlerts(alerts, [candidate("a", 1)], times, 0);
  advanceAlerts(alerts, [candidate("a", 2)], times, MINUTE);
  expect([...alerts.values()].map(({ value, activeAtMs }) => [value, activeAtMs])).toEqual([[2, 0]]);
});

test("firing alerts are told of at once and then after the delay, resolved ones at once", () => {
  const alerts: RuleAlerts = new Map();
  const times = { forMs: 0, keepFiringForMs: 0, limit: 0 };
  const sent: number[] = [];
  for (let second = 0; second <= 180; second += 15) {
    advanceAlerts(alerts, second < 150 ? [candidate("a")] : [], times, second * 1000);
    for (const alert of alerts.values()) {
      if (!needsSending(alert, second * 1000, MINUTE)) continue;
      alert.lastSentAtMs = second * 1000;
      sent.push(second);
    }
  }
  expect(sent).toEqual([0, 60, 120, 150]);
});
