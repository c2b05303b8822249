import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { isFresh, markFresh } from "./freshness.mjs";

let root: string;

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "binnacle-fresh-"));
  const made = root;
  onTestFinished(() => fs.rmSync(made, { recursive: true }));
  write("packages/kernels/assembly/index.ts", "a");
  write("packages/kernels/build/kernels.wasm", "built");
  write("packages/ui/src/main.tsx", "a");
  write("packages/ui/dist/index.html", "built");
  write("package.json", "{}");
  write("package-lock.json", "{}");
  write("packages/ui/package.json", "{}");
  write("node_modules/.package-lock.json", "{}");
  for (const part of ["packages", "kernels", "ui"] as const) markFresh(part, root);
});

function write(file: string, text: string): void {
  const full = path.join(root, file);
  fs.mkdirSync(path.dirname(full), { recursive: true });
  fs.writeFileSync(full, text);
}

const stale = (): string[] => (["packages", "kernels", "ui"] as const).filter((part) => !isFresh(part, root));

test("what was just made is fresh, whatever its files' times are", () => {
  const future = new Date(Date.now() + 3_600_000);
  fs.utimesSync(path.join(root, "packages/ui/src/main.tsx"), future, future);
  expect(stale()).toEqual([]);
});

test.for<[change: string, file: string, text: string | undefined, parts: string[]]>([
  ["a kernel's source", "packages/kernels/assembly/index.ts", "b", ["kernels"]],
  ["a new source", "packages/kernels/assembly/new.ts", "", ["kernels"]],
  ["a source of the page", "packages/ui/src/main.tsx", "b", ["ui"]],
  ["a parser that the page uses", "packages/promql/src/parser/x.ts", "b", ["ui"]],
  ["the lock", "package-lock.json", "{ }", ["packages", "ui"]],
  ["a package's manifest", "packages/ui/package.json", "{ }", ["packages", "ui"]],
  ["a new package", "packages/new/package.json", "{}", ["packages"]],
  ["the kernels' output, removed", "packages/kernels/build/kernels.wasm", undefined, ["kernels"]],
  ["the page's output, removed", "packages/ui/dist/index.html", undefined, ["ui"]],
  ["node_modules, removed", "node_modules", undefined, ["packages", "kernels", "ui"]],
  ["a test of the page", "packages/ui/src/x.test.ts", "b", []],
  ["another file of the page's output", "packages/ui/dist/x.js", "b", []],
  ["a source of the server", "packages/server/src/x.ts", "b", []],
])("%s", ([, file, text, parts]) => {
  if (text === undefined) fs.rmSync(path.join(root, file), { recursive: true });
  else write(file, text);
  expect(stale()).toEqual(parts);
});
