import { BinnacleError, Labels, NO_LOGGER, NO_METER, type QueryValue } from "@binnacle/model";
import { expect, test } from "vitest";
import type { Alert } from "../alert.ts";
import { groupsOf, HandClock, MemorySink, querierOf } from "../testing.ts";
import type { RuleContext } from "./rule-context.ts";
import { RuleGroup } from "./rule-group.ts";
import { createRuleMetrics } from "./rule-metrics.ts";

const MINUTE = 60_000;

interface World {
  readonly sink: MemorySink;
  readonly sent: Alert[];
  readonly context: RuleContext;
  readonly group: (
    rules: string,
    options?: { isRestored?: boolean; queryOffsetMs?: number; limit?: number },
  ) => RuleGroup;
}

function world(answer: (query: string, timeMs: number) => QueryValue | string): World {
  const sink = new MemorySink();
  const sent: Alert[] = [];
  const context: RuleContext = {
    querier: querierOf(answer),
    sink,
    notify: (alerts) => sent.push(...alerts),
    clock: new HandClock(),
    logger: NO_LOGGER,
    metrics: createRuleMetrics(NO_METER),
    externalLabels: Labels.fromObject({ cluster: "c1" }),
    externalUrl: "http://localhost:7070",
    resendDelayMs: MINUTE,
    lookbackDeltaMs: 5 * MINUTE,
  };
  return {
    sink,
    sent,
    context,
    group: (rules, { isRestored = true, queryOffsetMs = 0, limit = 0 } = {}) => {
      const [config] = groupsOf(`groups: [{name: g, limit: ${limit}, rules: ${rules}}]`);
      return new RuleGroup(config!, context, { intervalMs: MINUTE, queryOffsetMs, isRestored });
    },
  };
}

test("a recording rule writes its samples, and a stale marker for what is gone", async () => {
  const { sink, group } = world((_, timeMs) => (timeMs === 0 ? 'job="a" 1; job="b" 2' : 'job="b" 3'));
  const rules = group("[{record: 'x:y', expr: q, labels: {tier: 1}}]");
  await rules.evaluate(0);
  await rules.evaluate(MINUTE);
  expect(sink.at(0)).toEqual(['x:y{job="a", tier="1"} 1', 'x:y{job="b", tier="1"} 2']);
  expect(sink.at(MINUTE)).toEqual(['x:y{job="a", tier="1"} stale', 'x:y{job="b", tier="1"} 3']);
  expect(sink.rows.map((row) => row.group)).toEqual(["rules/rules.yml;g", "rules/rules.yml;g"]);
});

test("a rule sees what the rules before it wrote in the same evaluation", async () => {
  const seen: string[] = [];
  const { sink, group } = world((query) => {
    if (query === "second") seen.push(...sink.at(0));
    return "1";
  });
  await group("[{record: a, expr: first}, {record: b, expr: second}]").evaluate(0);
  expect(seen).toEqual(["a 1"]);
});

test("query_offset moves the query and the samples", async () => {
  const times: number[] = [];
  const { sink, group } = world((_, timeMs) => {
    times.push(timeMs);
    return { type: "scalar", timeMs, value: 5 };
  });
  await group("[{record: a, expr: q}]", { queryOffsetMs: 30_000 }).evaluate(MINUTE);
  expect(times).toEqual([30_000]);
  expect(sink.at(30_000)).toEqual(["a 5"]);
});

test("an alert's series tell of its states, and end", async () => {
  const { sink, sent, group } = world((_, timeMs) => (timeMs <= 2 * MINUTE ? '__name__="up" job="a" 0' : ""));
  const rules = group(`[{alert: Down, expr: up == 0, for: 1m, labels: {severity: page},
    annotations: {summary: '{{ $labels.job }} is {{ $value }} in {{ $externalLabels.cluster }}'}}]`);
  for (let minute = 0; minute <= 3; minute++) await rules.evaluate(minute * MINUTE);
  const name = 'alertname="Down"';
  const rest = 'job="a", severity="page"';
  expect([0, 1, 2, 3].map((minute) => sink.at(minute * MINUTE))).toEqual([
    [`ALERTS_FOR_STATE{${name}, ${rest}} 0`, `ALERTS{${name}, alertstate="pending", ${rest}} 1`],
    [
      `ALERTS_FOR_STATE{${name}, ${rest}} 0`,
      `ALERTS{${name}, alertstate="firing", ${rest}} 1`,
      `ALERTS{${name}, alertstate="pending", ${rest}} stale`,
    ],
    [`ALERTS_FOR_STATE{${name}, ${rest}} 0`, `ALERTS{${name}, alertstate="firing", ${rest}} 1`],
    [`ALERTS_FOR_STATE{${name}, ${rest}} stale`, `ALERTS{${name}, alertstate="firing", ${rest}} stale`],
  ]);
  expect(sent.map(({ startsAtMs, endsAtMs }) => [startsAtMs / MINUTE, endsAtMs / MINUTE])).toEqual([
    [1, 5],
    [1, 6],
    [1, 3],
  ]);
  expect(sent[0]!.annotations.toObject()).toEqual({ summary: "a is 0 in c1" });
  expect(sent[0]!.generatorUrl).toBe("http://localhost:7070/graph?g0.expr=up+%3D%3D+0&g0.tab=1");
});

test("a template that fails leaves its error in the value", async () => {
  const { sent, group } = world(() => 'job="a" 1');
  await group("[{alert: A, expr: q, annotations: {s: '{{ index $labels 1 }}'}}]").evaluate(0);
  expect(sent[0]!.annotations.get("s")).toContain(
    "<error expanding template: template: s:1:4: error calling index",
  );
});

test("a template may query", async () => {
  const { sent, group } = world((query) => (query === "q" ? 'job="a" 1' : 'instance="x" 42'));
  await group(`[{alert: A, expr: q, annotations: {s: '{{ query "other" | first | value }}'}}]`).evaluate(0);
  expect(sent[0]!.annotations.get("s")).toBe("42");
});

test.for<[what: string, rules: string, limit: number, answer: string, error: string]>([
  ["equal series", "[{record: a, expr: q, labels: {job: x}}]", 0, 'job="a" 1; job="b" 1', "same labelset"],
  [
    "too many series",
    "[{record: a, expr: q}]",
    1,
    'job="a" 1; job="b" 1',
    "exceeded limit of 1 with 2 series",
  ],
  ["equal alerts", "[{alert: a, expr: q, labels: {job: x}}]", 0, 'job="a" 1; job="b" 1', "same labelset"],
  ["a query that fails", "[{record: a, expr: fail}]", 0, "", "query timed out"],
])("%s: the rule is in error, nothing is written, others go on", async ([, rules, limit, answer, error]) => {
  const { sink, sent, group } = world((query) => {
    if (query === "fail") throw new BinnacleError("QUERY_TIMEOUT", "query timed out");
    return query === "q" ? answer : "7";
  });
  const withNeighbour = rules.replace(/\]$/, ", {record: z, expr: other}]");
  const tested = group(withNeighbour, { limit });
  await tested.evaluate(0);
  const [broken, fine] = tested.status().rules;
  expect([broken!.health, fine!.health]).toEqual(["err", "ok"]);
  expect(broken!.lastError).toContain(error);
  expect(sink.at(0)).toEqual(["z 7"]);
  expect(sent).toEqual([]);
});

test("what the store refuses is the rule's error", async () => {
  const { sink, group } = world(() => "1");
  sink.refused.add("a");
  const tested = group("[{record: a, expr: q}]");
  await tested.evaluate(0);
  expect(tested.status().rules[0]!.lastError).toBe("the store refused 1 samples, the first: too late by 1 s");
});

test("status shows a rule's alerts", async () => {
  const { group } = world(() => 'job="a" 3');
  const tested = group("[{alert: A, expr: q, for: 5m}]");
  expect(tested.status().rules[0]).toMatchObject({
    health: "unknown",
    state: "inactive",
    lastEvaluationMs: undefined,
  });
  await tested.evaluate(MINUTE);
  expect(tested.status().rules[0]).toMatchObject({
    type: "alerting",
    name: "A",
    query: "q",
    forMs: 5 * MINUTE,
    health: "ok",
    state: "pending",
    alerts: [{ state: "pending", activeAtMs: MINUTE, value: 3 }],
  });
});

test("a group that replaces another keeps alerts of rules that stay, ends series of others", async () => {
  const { sink, group } = world(() => 'job="a" 1');
  const before = group("[{alert: A, expr: q, for: 2m}, {record: gone, expr: q}]");
  await before.evaluate(0);
  await before.evaluate(MINUTE);
  const after = group("[{alert: A, expr: q2, for: 2m}]");
  after.adopt(before);
  await after.evaluate(2 * MINUTE);
  expect(after.status().rules[0]).toMatchObject({ state: "firing", alerts: [{ activeAtMs: 0 }] });
  expect(sink.at(2 * MINUTE)).toContain('gone{job="a"} stale');
  await after.end(3 * MINUTE);
  expect(sink.at(3 * MINUTE)).toContain('ALERTS{alertname="A", alertstate="firing", job="a"} stale');
});

/** A store as after a restart: the alert was written at minutes 60 to 80, active since minute 60. */
function restartedWorld(hadEnded: boolean): World {
  const labels = Labels.fromObject({ __name__: "ALERTS_FOR_STATE", alertname: "A", job: "a" });
  return world((query, timeMs) => {
    if (query === "q") return 'job="a" 1';
    if (query.endsWith("[3600000ms]")) {
      expect(query).toBe('ALERTS_FOR_STATE{alertname="A"}[3600000ms]');
      const column = Float64Array.of(79 * MINUTE, 80 * MINUTE);
      const values = Float64Array.of(3600, 3600);
      const none = { histogramTimes: new Float64Array(0), histograms: [] };
      return { type: "matrix", series: [{ labels, times: column, values, ...none }] };
    }
    expect(timeMs).toBe(85 * MINUTE - 1);
    const samples = hadEnded ? [] : [{ labels, timeMs, value: 3600, histogram: undefined }];
    return { type: "vector", samples };
  });
}

test.for<[what: string, hadEnded: boolean, activeAtMinute: number]>([
  ["goes on where it stood", false, 90],
  ["begins anew where it had ended before", true, 110],
])("after a restart an alert's for %s", async ([, hadEnded, activeAtMinute]) => {
  const { sink, group } = restartedWorld(hadEnded);
  const tested = group("[{alert: A, expr: q, for: 1h}]", { isRestored: false });
  await tested.evaluate(110 * MINUTE);
  expect(sink.samples, "written before it is restored").toEqual([]);
  await tested.restore(110 * MINUTE);
  expect(tested.status().rules[0]).toMatchObject({ alerts: [{ activeAtMs: activeAtMinute * MINUTE }] });
  await tested.evaluate(111 * MINUTE);
  expect(sink.at(111 * MINUTE)).toContain(`ALERTS_FOR_STATE{alertname="A", job="a"} ${activeAtMinute * 60}`);
});
