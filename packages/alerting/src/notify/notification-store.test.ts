import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { SmallDisk } from "@binnacle/lmdb-file/small-disk";
import { Labels, NO_LOGGER, type Logger } from "@binnacle/model";
import { open } from "lmdb";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StoredAlert } from "./merge.ts";
import { NotificationStore } from "./notification-store.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "binnacle-notifications-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const alert = (name: string): StoredAlert => ({
  labels: Labels.fromObject({ alertname: name }),
  annotations: Labels.fromObject({ summary: "ü" }),
  startsAtMs: 1,
  endsAtMs: 2,
  updatedAtMs: 3,
  generatorUrl: "http://g",
  fingerprint: name,
});
const entry = { sentAtMs: 1, firing: ["a"], resolved: [], expiresAtMs: 9 };

test("what is stored is there after it is opened again", async () => {
  const longKey = `${"x".repeat(5000)}\nteam\nwebhook[0]`;
  const store = NotificationStore.open(path.join(dir, "new"), NO_LOGGER);
  store.putAlert(alert("a"));
  store.putAlert(alert("b"));
  store.removeAlert("b");
  await store.putLogEntry(longKey, entry);
  await store.putLogEntry("gone", entry);
  store.removeLogEntry("gone");
  await store.close();

  const again = NotificationStore.open(path.join(dir, "new"), NO_LOGGER);
  const [loaded, ...rest] = again.loadAlerts();
  expect(rest).toEqual([]);
  expect({
    ...loaded!,
    labels: loaded!.labels.toObject(),
    annotations: loaded!.annotations.toObject(),
  }).toEqual({
    ...alert("a"),
    labels: Object.assign(Object.create(null) as object, { alertname: "a" }),
    annotations: Object.assign(Object.create(null) as object, { summary: "ü" }),
  });
  expect([...again.loadLog()]).toEqual([[longKey, entry]]);
  await again.close();
});

test.for<[what: string, damage: (file: string) => void]>([
  ["cut short", (file) => truncateSync(file, 8192)],
  ["no LMDB file", (file) => writeFileSync(file, "hello ".repeat(2000))],
  ["shorter than a page", (file) => writeFileSync(file, "x")],
])("a file that is %s is put aside", async ([, damage]) => {
  const store = NotificationStore.open(dir, NO_LOGGER);
  for (let i = 0; i < 300; i++) store.putAlert(alert(`alert-${i}`));
  await store.close();
  damage(path.join(dir, "notifications.mdb"));

  const errors: string[] = [];
  const logger: Logger = { ...NO_LOGGER, error: (_, message) => void errors.push(message) };
  const again = NotificationStore.open(dir, logger);
  expect(again.loadAlerts()).toEqual([]);
  await again.putLogEntry("k", entry);
  await again.close();
  expect(errors).toEqual(["a damaged file was set aside; a new one is begun"]);
  expect(readdirSync(dir).some((name) => name.startsWith("notifications.mdb.damaged-"))).toBe(true);
});

test("damaged records are left out, the others stay", async () => {
  const store = NotificationStore.open(dir, NO_LOGGER);
  store.putAlert(alert("good"));
  await store.close();
  const environment = open({ path: path.join(dir, "notifications.mdb"), noSubdir: true, encoding: "json" });
  await environment.openDB({ name: "alerts", encoding: "json" }).put("bad", { labels: 7 });
  await environment.close();

  const again = NotificationStore.open(dir, NO_LOGGER);
  expect(again.loadAlerts().map(({ fingerprint }) => fingerprint)).toEqual(["good"]);
  await again.close();
});

test("the file of a newer program is refused, and left as it is", async () => {
  const store = NotificationStore.open(dir, NO_LOGGER);
  await store.close();
  const environment = open({ path: path.join(dir, "notifications.mdb"), noSubdir: true, encoding: "json" });
  await environment.put("format", 2);
  await environment.close();
  expect(() => NotificationStore.open(dir, NO_LOGGER)).toThrow("has format 2, this program reads 1");
  expect(existsSync(path.join(dir, "notifications.mdb"))).toBe(true);
});

test("a full disk is logged and costs nothing: what it refused is written when there is room", async ({
  skip,
}) => {
  using disk = new SmallDisk(dir, 4);
  if (!disk.isMounted) skip("a file system can be mounted by root only");
  const errors: string[] = [];
  const logger: Logger = { ...NO_LOGGER, error: (fields) => void errors.push(JSON.stringify(fields)) };
  const store = NotificationStore.open(disk.path, logger);
  await store.putLogEntry("before", entry);
  const ballast = path.join(disk.path, "ballast");
  // As much as there is room for.
  spawnSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=4096"]);
  const large = { ...alert("large"), annotations: Labels.fromObject({ text: "x".repeat(200_000) }) };
  store.putAlert(large);
  await store.putLogEntry("meanwhile", entry);
  await store.putLogEntry("meanwhile", { ...entry, sentAtMs: 2 });
  expect(errors.length).toBeGreaterThan(0);
  expect(errors[0]).toMatch(/cannot be written: (?:No space|Input\/output)/);
  rmSync(ballast);
  await store.putLogEntry("after", entry);
  await store.close();

  const again = NotificationStore.open(disk.path, NO_LOGGER);
  expect(again.loadAlerts().map(({ fingerprint }) => fingerprint)).toEqual(["large"]);
  expect(again.loadLog()).toEqual(
    new Map([
      ["before", entry],
      ["meanwhile", { ...entry, sentAtMs: 2 }],
      ["after", entry],
    ]),
  );
  await again.close();
});
