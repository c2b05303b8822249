/** Writes the pages of docs/reference that follow from the sources: `node tools/reference.ts`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./freshness.mjs";
import {
  ERRORS_PAGE,
  findMetrics,
  METRICS_PAGE,
  renderErrorsPage,
  renderMetricsPage,
} from "./tidy/reference.ts";
import { readTree } from "./tidy/tree.ts";

const pages = [
  [ERRORS_PAGE, renderErrorsPage()],
  [METRICS_PAGE, renderMetricsPage(findMetrics(readTree(ROOT)).entries)],
] as const;
for (const [path, text] of pages) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
}
