import { expect, test } from "vitest";
import { checkCycles } from "./check-cycles.ts";
import { checkImports, checkManifests, checkNodeFree } from "./check-imports.ts";
import { checkReached } from "./check-reached.ts";
import {
  checkHeaders,
  checkMachinePaths,
  checkPromises,
  checkSizes,
  checkTitles,
  checkWidth,
} from "./check-text.ts";
import { checkReference, ERRORS_PAGE, METRICS_PAGE, renderErrorsPage } from "./reference.ts";
import { formatFinding, treeOf, type Check } from "./tree.ts";

const manifest = (dependencies: readonly string[], exports: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify({
    exports: { ".": "./src/index.ts", ...exports },
    dependencies: Object.fromEntries(dependencies.map((name) => [name, "*"])),
  });

/** Two packages that may know each other one way. */
const TWO = {
  "packages/model/package.json": manifest([]),
  "packages/re2/package.json": manifest(["@binnacle/model", "re2js"]),
};
const MODEL = "packages/model/src/";
const RE2 = "packages/re2/src/";
const METER = 'meter.counter({ name: "binnacle_a_total", help: "Counts a.", labelNames: ["reason"] });\n';
const METRICS = (rows: string): string => `# Metrics

What Binnacle tells of itself at \`/metrics\`, beside the \`process_*\` and \`nodejs_*\` metrics of every Node
program. Written by \`node tools/reference.ts\`.

| name | type | labels | meaning |
|---|---|---|---|
${rows}
`;

const LONG = "x".repeat(120);
/** Put together here, so that this file keeps the rule itself. */
const PROMISE = ["TO", "DO"].join("");
const [HOME, USERS] = ["home", "Users"].map((name) => `/${name}`);

type Case = [name: string, check: Check, texts: Readonly<Record<string, string>>, findings: string[]];

test.for<Case>([
  [
    "a manifest that names a package above it",
    checkManifests,
    { ...TWO, "packages/model/package.json": manifest(["@binnacle/re2"]) },
    ["packages/model/package.json:1: model may not depend on re2, use nothing: it imports no package"],
  ],
  [
    "a package that is not in the table",
    checkManifests,
    { "packages/extra/package.json": manifest([]) },
    [
      "packages/extra/package.json:1: the package extra is not in the import table, " +
        "use tools/tidy/import-table.ts to say whom it may import",
    ],
  ],
  [
    "imports that are allowed",
    checkImports,
    {
      ...TWO,
      [`${RE2}a.ts`]:
        'import { x } from "@binnacle/model";\nimport "re2js";\nimport type { B } from "./b.ts";\nimport fs from "node:fs";',
      [`${RE2}a.test.ts`]:
        'import { test } from "vitest";\nimport { data } from "../../../test/support/data.ts";',
      [`${RE2}b.ts`]: '// import "@binnacle/server"\nconst text = "import x from \\"react\\"";',
    },
    [],
  ],
  [
    "an import of a package above, in all forms",
    checkImports,
    {
      ...TWO,
      [`${MODEL}a.ts`]: 'import type {\n  X,\n} from "@binnacle/re2";\nexport * from "@binnacle/re2";',
      [`${MODEL}b.ts`]: 'import "@binnacle/re2";\nconst x = await import("@binnacle/re2");',
    },
    [
      "packages/model/src/a.ts:3: model may not import re2, use nothing: it imports no package",
      "packages/model/src/a.ts:4: model may not import re2, use nothing: it imports no package",
      "packages/model/src/b.ts:1: model may not import re2, use nothing: it imports no package",
      "packages/model/src/b.ts:2: model may not import re2, use nothing: it imports no package",
    ],
  ],
  [
    "an entry that the page may not import, and one that is not there",
    checkImports,
    {
      "packages/ui/package.json": manifest(["@binnacle/promql"]),
      "packages/promql/package.json": manifest([], { "./parser": "./src/parser/index.ts" }),
      "packages/ui/src/a.ts": 'import "@binnacle/promql";\nimport "@binnacle/promql/parser";',
      "packages/re2/package.json": manifest([]),
      "packages/re2/src/a.ts": 'import "@binnacle/model/deep.ts";',
      "packages/model/package.json": manifest([]),
    },
    [
      "packages/re2/src/a.ts:1: model has no entry ./deep.ts, use what its package.json exports",
      "packages/ui/src/a.ts:1: ui may not import promql, use api, promql/parser, logs/parser",
    ],
  ],
  [
    "relative imports that leave the package",
    checkImports,
    {
      ...TWO,
      [`${RE2}a.ts`]: 'import "../../model/src/x.ts";\nimport "../../../tools/x.ts";',
      [`${RE2}a.test.ts`]: 'import "../../model/src/x.ts";',
    },
    [
      "packages/re2/src/a.test.ts:1: a relative import leaves the package: ../../model/src/x.ts, use @binnacle/NAME",
      "packages/re2/src/a.ts:1: a relative import leaves the package: ../../model/src/x.ts, use @binnacle/NAME",
      "packages/re2/src/a.ts:2: a relative import leaves the package: ../../../tools/x.ts, use @binnacle/NAME",
    ],
  ],
  [
    "a dependency that is not named, and a built-in without its prefix",
    checkImports,
    { ...TWO, [`${RE2}a.ts`]: 'import "left-pad/x";\nimport "@a/b/c";\nimport "fs";' },
    [
      "packages/re2/src/a.ts:1: left-pad is not a dependency of re2, use packages/re2/package.json to name it",
      "packages/re2/src/a.ts:2: @a/b is not a dependency of re2, use packages/re2/package.json to name it",
      "packages/re2/src/a.ts:3: a built-in without its prefix: fs, use node:fs",
    ],
  ],
  [
    "built-ins where a browser runs too, reached through another package",
    checkNodeFree,
    {
      "packages/logs/package.json": manifest([], { "./parser": "./src/parser.ts" }),
      "packages/kernels/package.json": manifest([]),
      "packages/logs/src/index.ts": 'import "node:fs";',
      "packages/logs/src/parser.ts": 'import "@binnacle/kernels";',
      "packages/kernels/src/index.ts": 'import fs from "node:fs";',
      "packages/model/package.json": manifest([]),
      "packages/model/src/index.ts": 'import "./x.ts";',
      "packages/model/src/x.ts": 'import "node:os";',
      "packages/model/src/x.test.ts": 'import "node:os";\nimport "./only-tests.ts";',
      "packages/model/src/only-tests.ts": 'import "node:os";',
    },
    [
      "packages/model/src/x.ts:1: node:os where a browser runs too, use an argument that brings it in",
      "packages/kernels/src/index.ts:1: node:fs where a browser runs too, use an argument that brings it in",
    ],
  ],
  [
    "circles, also over packages; a worker's place is none",
    checkCycles,
    {
      ...TWO,
      [`${MODEL}index.ts`]: 'import "./a.ts";',
      [`${MODEL}a.ts`]: 'import "./b.ts";',
      [`${MODEL}b.ts`]: 'import "@binnacle/model";',
      [`${RE2}pool.ts`]: 'new Worker(new URL("./worker.ts", import.meta.url));',
      [`${RE2}worker.ts`]: 'import type { X } from "./pool.ts";',
      [`${RE2}self.ts`]: 'import "./self.ts";',
    },
    [
      "packages/model/src/index.ts:1: an import cycle: packages/model/src/a.ts → packages/model/src/b.ts → " +
        "packages/model/src/index.ts → packages/model/src/a.ts, use a third file that both import",
      "packages/re2/src/self.ts:1: an import cycle: packages/re2/src/self.ts → packages/re2/src/self.ts, " +
        "use a third file that both import",
    ],
  ],
  [
    "files that nothing reaches",
    checkReached,
    {
      ...TWO,
      [`${MODEL}index.ts`]: 'export * from "./a.ts";\nnew URL("worker.ts", import.meta.url);',
      [`${MODEL}a.ts`]: "",
      [`${MODEL}worker.ts`]: "",
      [`${MODEL}x.test.ts`]: 'import "./help.ts";',
      [`${MODEL}help.ts`]: "",
      [`${MODEL}dead.ts`]: 'import "./deader.ts";',
      [`${MODEL}deader.ts`]: "",
      "packages/ui/package.json": "{}",
      "packages/ui/index.html": '<script type="module" src="/src/main.tsx"></script>',
      "packages/ui/src/main.tsx": 'import { x } from "./x";',
      "packages/ui/src/x.tsx": "",
    },
    ["dead", "deader"].map(
      (name) =>
        `packages/model/src/${name}.ts:1: nothing imports this file, ` +
        "use it, name it in package.json's exports, or remove it",
    ),
  ],
  [
    "wide lines",
    checkWidth,
    {
      "a.ts": [
        `// ${"x".repeat(107)}`,
        `// ${"x ".repeat(60)}`,
        `// https://example.com/${LONG}`,
        `  "${LONG}",`,
      ].join("\n"),
      "a.txt": "x".repeat(500),
    },
    ["a.ts:2: a line of 123 columns, use at most 110"],
  ],
  [
    "promises",
    checkPromises,
    { "a.ts": `ok\n// ${PROMISE}: later`, "b.ts": `${PROMISE.toLowerCase()} ${PROMISE}S` },
    [`a.ts:2: a ${PROMISE}, use the code itself, or an entry where work is planned`],
  ],
  [
    "headers",
    checkHeaders,
    {
      [`${MODEL}index.ts`]: "export {};",
      [`${MODEL}a.test.ts`]: "test();",
      [`${MODEL}a.ts`]: "/** What it is. */\n",
      [`${MODEL}b.ts`]: "// What it is.\n",
    },
    ["packages/model/src/b.ts:1: no header, use a /** comment */ on top that says what this is and why"],
  ],
  [
    "titles",
    checkTitles,
    { "a.md": "# A\n\n```sh\n# no title\n```\n## B\n", "b.md": "## B\n", "c.md": "# A\n\n# B\n" },
    [
      "b.md:1: a page without a title, use one line that begins `# `, on top",
      "c.md:3: a second title, use one line that begins `# `, on top",
    ],
  ],
  [
    "sizes",
    checkSizes,
    { "a.bin": "x".repeat(262_144), "b.bin": "x".repeat(262_145), "package-lock.json": "x".repeat(300_000) },
    ["b.bin:1: a file of 257 KiB, use at most 256 KiB"],
  ],
  [
    "paths of one machine",
    (tree) => checkMachinePaths(tree, ["/opt/me/binnacle/"]),
    {
      "a.ts": `"/opt/me/binnacle/packages"\n"${HOME}/alice/x"\n"/host${HOME}/alice/x"\n"/home/user/x"`,
      "b.md": `see ${USERS}/Alice/x`,
    },
    [
      "a.ts:1: a path of one machine: /opt/me/binnacle/, use a path relative to the checkout, or an environment variable",
      `a.ts:2: a path of one machine: ${HOME}/alice/, use a path relative to the checkout, or an environment variable`,
      `b.md:1: a path of one machine: ${USERS}/Alice/, use a path relative to the checkout, or an environment variable`,
    ],
  ],
  [
    "reference pages that agree",
    checkReference,
    {
      [ERRORS_PAGE]: renderErrorsPage(),
      [METRICS_PAGE]: METRICS("| `binnacle_a_total` | counter | `reason` | Counts a. |"),
      [`${MODEL}a.ts`]: METER,
      [`${MODEL}a.test.ts`]: 'meter.gauge({ name: "binnacle_only_tests", help: "x" })',
    },
    [],
  ],
  [
    "a metric that the page lacks, and one that cannot be read",
    checkReference,
    {
      [ERRORS_PAGE]: renderErrorsPage(),
      [METRICS_PAGE]: METRICS("| `binnacle_b_total` | counter |  | Counts b. |"),
      [`${MODEL}a.ts`]: METER,
      [`${MODEL}b.ts`]: 'meter.gauge({ name: "binnacle_c", labelNames, help });',
    },
    [
      "packages/model/src/b.ts:1: a metric whose registration cannot be read, " +
        "use meter.counter({ name, help, labelNames }) with literals",
      "docs/reference/metrics.md:8: the page differs from the sources: " +
        "| `binnacle_a_total` | counter | `reason` | Counts a. |, use node tools/reference.ts",
    ],
  ],
  [
    "a page that is not there",
    checkReference,
    { [METRICS_PAGE]: METRICS("") },
    ["docs/reference/errors.md:1: the page differs from the sources: # Errors, use node tools/reference.ts"],
  ],
])("%s", ([, check, texts, findings]) => {
  expect(check(treeOf(texts)).map(formatFinding)).toEqual(findings);
});
