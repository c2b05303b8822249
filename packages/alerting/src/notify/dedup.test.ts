import { expect, test } from "vitest";
import { reasonToNotify, type LogEntry, type NotificationReason } from "./dedup.ts";

const entry = (firing: string, resolved = "", sentAtMs = 0): LogEntry => ({
  sentAtMs,
  firing: firing.split(""),
  resolved: resolved.split(""),
  expiresAtMs: 1e9,
});

// Alerts are letters; the last notification was at 0, repeat_interval is 100, and it is 50 unless said
// otherwise.
test.for<
  [
    what: string,
    entry: LogEntry | undefined,
    firing: string,
    resolved: string,
    options: { nowMs?: number; sendResolved?: boolean },
    reason: NotificationReason | undefined,
  ]
>([
  ["the first alert", undefined, "a", "", {}, "first"],
  ["only resolved ones, of which nobody knew", undefined, "", "a", {}, undefined],
  ["nothing new", entry("a"), "a", "", {}, undefined],
  ["a new alert", entry("a"), "ab", "", {}, "new_alerts"],
  ["another alert instead", entry("a"), "b", "a", {}, "new_alerts"],
  ["one of two resolved", entry("ab"), "a", "b", {}, "some_resolved"],
  ["one of two resolved, told already", entry("a", "b"), "a", "b", {}, undefined],
  ["one of two resolved, and nobody asks", entry("ab"), "a", "b", { sendResolved: false }, undefined],
  ["all resolved", entry("a"), "", "a", {}, "all_resolved"],
  ["all resolved, told already", entry("", "a"), "", "a", {}, undefined],
  ["all resolved, and nobody asks", entry("a"), "", "a", { sendResolved: false }, "all_resolved"],
  ["it still fires after repeat_interval", entry("a"), "a", "", { nowMs: 101 }, "repeat_interval"],
  ["it still fires just at repeat_interval", entry("a"), "a", "", { nowMs: 100 }, undefined],
])("%s", ([, known, firing, resolved, options, reason]) => {
  const state = { firing: firing.split(""), resolved: resolved.split("") };
  expect(
    reasonToNotify(known, state, { sendResolved: true, repeatIntervalMs: 100, nowMs: 50, ...options }),
  ).toBe(reason);
});
