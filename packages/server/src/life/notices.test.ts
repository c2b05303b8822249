import { SYSTEM_CLOCK } from "@binnacle/model";
import { expect, test } from "vitest";
import { Notices } from "./notices.ts";

test("a notice is there from when it is raised until it is withdrawn, and listeners hear of both once", () => {
  const notices = new Notices({ ...SYSTEM_CLOCK, nowMs: () => 1_767_323_045_000 });
  const heard: string[] = [];
  const unsubscribe = notices.subscribe(({ text, active }) => heard.push(`${text} ${active}`));
  notices.raise("a");
  notices.raise("a");
  notices.raise("b");
  expect(notices.active).toEqual([
    { text: "a", date: "2026-01-02T03:04:05.000Z", active: true },
    { text: "b", date: "2026-01-02T03:04:05.000Z", active: true },
  ]);
  notices.withdraw("a");
  notices.withdraw("a");
  notices.withdraw("never raised");
  expect(notices.active.map(({ text }) => text)).toEqual(["b"]);
  expect(heard).toEqual(["a true", "b true", "a false"]);
  unsubscribe();
  notices.withdraw("b");
  expect(heard).toHaveLength(3);
  expect(notices.listenerCount).toBe(0);
});
