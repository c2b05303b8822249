import { Labels } from "@binnacle/model";
import { expect, test } from "vitest";
import { fingerprint } from "../alert.ts";
import type { StoredAlert } from "./merge.ts";
import { mergeAlerts } from "./merge.ts";
import { compareAlerts, formatTime, toPayload } from "./payload.ts";

function alert(labels: Record<string, string>, startsAtMs: number, endsAtMs: number): StoredAlert {
  return {
    labels: Labels.fromObject(labels),
    annotations: Labels.fromObject({ summary: `about ${labels["instance"] ?? ""}`, same: "x" }),
    startsAtMs,
    endsAtMs,
    generatorUrl: "http://g",
    fingerprint: fingerprint(Labels.fromObject(labels)),
    updatedAtMs: 0,
  };
}

const notification = {
  groupKey: '{}:{alertname="A"}',
  groupLabels: Labels.fromObject({ alertname: "A" }),
  receiver: "team",
  externalUrl: "http://b",
  nowMs: 5000,
  alerts: [
    alert({ alertname: "A", job: "j", instance: "1" }, 1000, 4000),
    alert({ alertname: "A", job: "j", instance: "2" }, 1500, 9000),
  ],
};

test("a payload is Alertmanager's of version 4", () => {
  expect(toPayload(notification)).toEqual({
    receiver: "team",
    status: "firing",
    alerts: [
      {
        status: "resolved",
        labels: { alertname: "A", instance: "1", job: "j" },
        annotations: { same: "x", summary: "about 1" },
        startsAt: "1970-01-01T00:00:01Z",
        endsAt: "1970-01-01T00:00:04Z",
        generatorURL: "http://g",
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      },
      expect.objectContaining({
        status: "firing",
        startsAt: "1970-01-01T00:00:01.5Z",
        endsAt: "0001-01-01T00:00:00Z",
      }),
    ],
    groupLabels: { alertname: "A" },
    commonLabels: { alertname: "A", job: "j" },
    commonAnnotations: { same: "x" },
    externalURL: "http://b",
    version: "4",
    groupKey: '{}:{alertname="A"}',
    truncatedAlerts: 0,
  });
});

test("max_alerts keeps the first, and all else is computed from those", () => {
  const payload = toPayload(notification, 1);
  expect([payload.status, payload.alerts.length, payload.truncatedAlerts]).toEqual(["resolved", 1, 1]);
  expect(payload.commonLabels).toEqual({ alertname: "A", instance: "1", job: "j" });
});

test.for([
  [0, "1970-01-01T00:00:00Z"],
  [1500, "1970-01-01T00:00:01.5Z"],
  [1_700_000_000_120, "2023-11-14T22:13:20.12Z"],
  [600_000, "1970-01-01T00:10:00Z"],
] as const)("%i ms is %s", ([timeMs, text]) => {
  expect(formatTime(timeMs)).toBe(text);
});

test("alerts are ordered by job, by instance, then by all labels", () => {
  const texts = ["a", 'job="a"', 'job="a" instance="1"', 'job="a" instance="2"', 'job="b" instance="1"'];
  const alerts = texts.map((text) => ({
    text,
    labels: Labels.from(
      [...text.matchAll(/(\w+)="(\w+)"/g)].map((match): [string, string] => [match[1]!, match[2]!]),
    ),
  }));
  expect(
    alerts
      .toReversed()
      .sort(compareAlerts)
      .map(({ text }) => text),
  ).toEqual(['job="a" instance="1"', 'job="a" instance="2"', 'job="a"', 'job="b" instance="1"', "a"]);
});

// Computed by Alertmanager for the same labels.
test("fingerprints are Alertmanager's", () => {
  expect(fingerprint(Labels.EMPTY)).toBe("cbf29ce484222325");
});

// Times of known and of new, then what comes of them; now is 100.
test.for<[what: string, known: [number, number], news: [number, number], merged: [number, number]]>([
  ["goes on", [10, 110], [10, 170], [10, 170]],
  ["goes on, its beginning forgotten", [10, 150], [50, 170], [10, 170]],
  ["is resolved", [10, 110], [10, 90], [10, 90]],
  ["is resolved, and was resolved later", [10, 95], [10, 90], [10, 95]],
  ["fires again after it was resolved", [10, 50], [80, 200], [80, 200]],
])("an alert that %s", ([, [knownStart, knownEnd], [start, end], merged]) => {
  const result = mergeAlerts(alert({}, knownStart, knownEnd), alert({}, start, end), 100);
  expect([result.startsAtMs, result.endsAtMs]).toEqual(merged);
});
