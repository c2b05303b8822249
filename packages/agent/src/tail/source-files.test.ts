import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findPlainFiles } from "./source-files.ts";

test("plain files are found by stars, but for what is excluded and what is compressed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "binnacle-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ["a.log", "b.log", "noisy.log", "old.log.gz", "readme.md"]) {
    writeFileSync(join(folder, name), "");
  }
  const found = await findPlainFiles({
    kind: "files",
    paths: [join(folder, "*")],
    exclude: [join(folder, "noisy*"), join(folder, "*.md")],
    job: "varlogs",
  });
  expect(found.map(({ path }) => path)).toEqual([join(folder, "a.log"), join(folder, "b.log")]);
  expect(found[0]!.labels.toObject()).toMatchObject({ job: "varlogs", filename: join(folder, "a.log") });
});
