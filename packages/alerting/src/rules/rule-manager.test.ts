import { expect, test, vi } from "vitest";
import type { Alert } from "../alert.ts";
import { groupsOf, MemorySink, querierOf } from "../testing.ts";
import { RuleManager } from "./rule-manager.ts";

function manager(options: { ready?: Promise<void>; answer?: () => string } = {}) {
  const sink = new MemorySink();
  const sent: Alert[] = [];
  const rules = new RuleManager({
    querier: querierOf(options.answer ?? (() => 'job="a" 1')),
    sink,
    notify: (alerts) => sent.push(...alerts),
    externalUrl: "http://localhost:7070/",
    evaluationIntervalMs: 20,
    ...(options.ready !== undefined && { ready: options.ready }),
  });
  return { rules, sink, sent };
}

test("groups are evaluated at their slots until they are stopped", async () => {
  const { rules, sink, sent } = manager();
  rules.apply(groupsOf("groups: [{name: g, rules: [{record: r, expr: q}, {alert: A, expr: q}]}]"));
  rules.start();
  await vi.waitFor(() => expect(sink.rows.length).toBeGreaterThan(8));
  await rules.stop();
  const count = sink.rows.length;
  const times = [...new Set(sink.rows.map((row) => row.timeMs))];
  expect(new Set(times.map((timeMs) => timeMs % 20)).size, "one place in the interval").toBe(1);
  expect(sent.length).toBe(1);
  expect(rules.alerts().map((alert) => alert.state)).toEqual(["firing"]);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(sink.rows.length).toBe(count);
});

test("rules wait until the store is ready", async () => {
  const { promise: ready, resolve: setReady } = Promise.withResolvers<void>();
  const { rules, sink } = manager({ ready });
  rules.apply(groupsOf("groups: [{name: g, rules: [{record: r, expr: q}]}]"));
  rules.start();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(sink.rows).toEqual([]);
  setReady();
  await vi.waitFor(() => expect(sink.rows.length).toBeGreaterThan(0));
  await rules.stop();
});

test("stop does not wait for a store that never is ready", async () => {
  const { rules } = manager({ ready: new Promise(() => {}) });
  rules.apply(groupsOf("groups: [{name: g, rules: [{record: r, expr: q}]}]"));
  rules.start();
  await rules.stop();
});

test("applied changes keep what stays, and end the series of a group that goes", async () => {
  const { rules, sink } = manager();
  const kept = "{name: kept, rules: [{alert: A, expr: q, for: 1h}]}";
  rules.apply(groupsOf(`groups: [${kept}, {name: gone, rules: [{record: gone, expr: q}]}]`));
  rules.start();
  await vi.waitFor(() => {
    expect(rules.alerts().length).toBe(1);
    expect(sink.samples.some(({ series }) => series === 'gone{job="a"}')).toBe(true);
  });
  const activeAtMs = rules.alerts()[0]!.activeAtMs;
  rules.apply(groupsOf(`groups: [${kept}, {name: new, rules: [{record: new, expr: q}]}]`));
  expect(rules.groups().map(({ name }) => name)).toEqual(["kept", "new"]);
  await vi.waitFor(() => {
    expect(sink.samples).toContainEqual(expect.objectContaining({ series: 'gone{job="a"}', value: "stale" }));
    expect(sink.samples.some(({ series }) => series === 'new{job="a"}')).toBe(true);
  });
  expect(rules.alerts()[0]!.activeAtMs).toBe(activeAtMs);
  await rules.stop();
});

function groupWithSummary(summary: string): ReturnType<typeof groupsOf> {
  return groupsOf(`groups: [{name: g, rules: [{alert: A, expr: q, for: 1h, annotations: {s: ${summary}}}]}]`);
}

test("a changed rule keeps its alerts", async () => {
  const { rules } = manager();
  rules.apply(groupWithSummary("one"));
  rules.start();
  await vi.waitFor(() => expect(rules.alerts().length).toBe(1));
  const { activeAtMs } = rules.alerts()[0]!;
  rules.apply(groupWithSummary("two"));
  await vi.waitFor(() => expect(rules.alerts()[0]?.annotations.get("s")).toBe("two"));
  expect(rules.alerts()[0]!.activeAtMs).toBe(activeAtMs);
  await rules.stop();
});

test("after a stop nothing is written, not even the end of a group that went before", async () => {
  const { rules, sink } = manager();
  rules.apply(groupsOf("groups: [{name: gone, rules: [{record: gone, expr: q}]}]"));
  rules.start();
  await vi.waitFor(() => expect(sink.rows.length).toBeGreaterThan(0));
  rules.apply([]);
  await rules.stop();
  await new Promise((resolve) => setTimeout(resolve, 80));
  expect(sink.samples.filter(({ value }) => value === "stale")).toEqual([]);
});
