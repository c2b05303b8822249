import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./freshness.mjs";
import { checkCycles } from "./tidy/check-cycles.ts";
import { checkImports, checkManifests, checkNodeFree } from "./tidy/check-imports.ts";
import { checkReached } from "./tidy/check-reached.ts";
import {
  checkHeaders,
  checkMachinePaths,
  checkPromises,
  checkSizes,
  checkTitles,
  checkWidth,
} from "./tidy/check-text.ts";
import { checkReference } from "./tidy/reference.ts";
import { formatFinding, readTree, type Check, type Tree } from "./tidy/tree.ts";

const tree = readTree(ROOT);
/** The checkout's own path, and the folder beside it that test data is taken from. */
const here = [`${ROOT}/`, join(dirname(ROOT), "shared")];

test.for<[rule: string, check: Check]>([
  ["manifests keep to the import table", checkManifests],
  ["imports keep to the import table", checkImports],
  ["what a browser loads reaches no built-in of Node", checkNodeFree],
  ["no files import each other in a circle", checkCycles],
  ["every source is reached", checkReached],
  ["lines fit", checkWidth],
  ["no promises of later work", checkPromises],
  ["every source says what it is", checkHeaders],
  ["every page has one title", checkTitles],
  ["no large files", checkSizes],
  ["no paths of one machine", (it: Tree) => checkMachinePaths(it, here)],
  ["the reference pages follow the sources", checkReference],
])("%s", ([, check]) => {
  expect(check(tree).map(formatFinding)).toEqual([]);
});
