/** A bundle is used for the sources it was made from, and for no others. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import {
  bundleRecord,
  freshBundle,
  hashOf,
  stampOf,
  type BundleRecord,
} from "../packages/server/bin/bundle.mjs";

const SOURCE = "packages/model/src/labels.ts";
const OTHER = "packages/server/src/main.ts";
let root: string;

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "binnacle-bundle-"));
  const made = root;
  onTestFinished(() => fs.rmSync(made, { recursive: true }));
  write(SOURCE, "a");
  write(OTHER, "b");
  write("packages/server/dist/0123456789ab/main.js", "built");
  record([SOURCE, OTHER]);
});

function write(file: string, text: string): void {
  const full = path.join(root, file);
  fs.mkdirSync(path.dirname(full), { recursive: true });
  fs.writeFileSync(full, text);
}

function record(files: readonly string[], stamp = stampOf): void {
  const inputs = files.map((file): BundleRecord["inputs"][number] => {
    const full = path.join(root, file);
    return [file, stamp(full), hashOf(fs.readFileSync(full))];
  });
  fs.writeFileSync(bundleRecord(root), JSON.stringify({ build: "0123456789ab", inputs }));
}

const isFresh = (): boolean => freshBundle(root) !== undefined;

test("what was just built is used, and named by its build", () => {
  expect(freshBundle(root)).toBe(path.join(root, "packages/server/dist/0123456789ab/main.js"));
});

test.for<[change: string, make: () => void, isFresh: boolean]>([
  ["a source is changed", () => write(SOURCE, "c"), false],
  ["a source is written with the content it had", () => write(SOURCE, "a"), true],
  ["a source is removed", () => fs.rmSync(path.join(root, SOURCE)), false],
  [
    "the build is removed",
    () => fs.rmSync(path.join(root, "packages/server/dist/0123456789ab/main.js")),
    false,
  ],
  ["the record is removed", () => fs.rmSync(bundleRecord(root)), false],
  ["the record is cut short", () => fs.truncateSync(bundleRecord(root), 20), false],
  ["a file that is no part of it is added", () => write("packages/model/src/new.ts", ""), true],
])("%s: fresh is %s", ([, make, expected]) => {
  make();
  expect(isFresh()).toBe(expected);
});

test("a source changed behind the back of its time of modification is seen", () => {
  const { atime, mtime } = fs.statSync(path.join(root, SOURCE));
  write(SOURCE, "z");
  fs.utimesSync(path.join(root, SOURCE), atime, mtime);
  expect(isFresh()).toBe(false);
});

test("a checkout that was copied has other stamps and the same content: it is fresh", () => {
  record([SOURCE, OTHER], () => "");
  expect(isFresh()).toBe(true);
  write(OTHER, "c");
  expect(isFresh()).toBe(false);
});
