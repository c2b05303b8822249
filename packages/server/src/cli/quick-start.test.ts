/** What the command line loads before it knows what is asked of it: little, so that --help is quick. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";

const ENTRY = path.resolve(import.meta.dirname, "../main.ts");
/** Counts what is loaded, by a hook, and says it when the process ends. */
const HOOK = `import { registerHooks } from "node:module";
const urls = [];
registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
process.on("exit", () => process.stderr.write(urls.join("\\n")));`;

test.each([["--help"], ["--version"], ["query", "--help"]])(
  "binnacle %s %s loads no library but commander",
  (...args) => {
    const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`;
    const { stderr, status } = spawnSync(process.execPath, ["--import", hook, ENTRY, ...args], {
      encoding: "utf8",
    });
    expect(status).toBe(0);
    const libraries = [...stderr.matchAll(/\/node_modules\/(@[^/]+\/[^/]+|[^/]+)\//g)].map(
      ([, name]) => name,
    );
    expect([...new Set(libraries)]).toEqual(["commander"]);
  },
);
