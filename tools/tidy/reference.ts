/**
 * The pages of docs/reference that are written from the sources: error codes and the program's own metrics.
 */
import { ERROR_CODES } from "../../packages/model/src/errors.ts";
import { withoutComments } from "./module-graph.ts";
import { lineAt, type Finding, type Tree } from "./tree.ts";

export const ERRORS_PAGE = "docs/reference/errors.md";
export const METRICS_PAGE = "docs/reference/metrics.md";

export function renderErrorsPage(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, { status, type, text }]) => {
    return `| \`${code}\` | ${status} | \`${type}\` | ${text} |`;
  });
  return `# Errors

Bad input is answered with a code of this table: the HTTP status of the reply, and Prometheus's \`errorType\`
in its body. The message beside it carries the value, the bound and the place. Written by
\`node tools/reference.ts\`.

| code | status | type | meaning |
|---|---|---|---|
${rows.join("\n")}
`;
}

export interface MetricEntry {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labelNames: readonly string[];
}

const PREFIX = "binnacle_";
const TEXTS = String.raw`"(?:[^"\\]|\\.)*"(?:\s*\+\s*"(?:[^"\\]|\\.)*")*`;
const REGISTRATION = new RegExp(
  String.raw`\b(counter|gauge|histogram)\(\{\s*name: "(${PREFIX}[a-z0-9_]+)",\s*help:\s*(${TEXTS})` +
    String.raw`(?:,\s*labelNames: \[([^\]]*)\])?`,
  "g",
);

export interface Metrics {
  /** By name; several places may register one metric for objects that are apart. */
  readonly entries: readonly MetricEntry[];
  readonly findings: readonly Finding[];
}

/** Every metric that packages register with a meter, as their sources say it. */
export function findMetrics(tree: Tree): Metrics {
  const entries = new Map<string, MetricEntry>();
  const findings: Finding[] = [];
  for (const path of tree.paths) {
    if (!/^packages\/[^/]+\/src\/.*\.ts$/.test(path) || /\.(?:test|fuzz|bench)\.ts$/.test(path)) continue;
    const text = withoutComments(tree.read(path));
    const read = new Set<number>();
    for (const match of text.matchAll(REGISTRATION)) {
      read.add(text.indexOf("name:", match.index));
      const [, type, name = "", help = "", labels = ""] = match;
      entries.set(name, {
        name,
        type: type as MetricEntry["type"],
        help: [...help.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((it) => it[1]).join(""),
        labelNames: [...labels.matchAll(/"([^"]+)"/g)].map((it) => it[1]!),
      });
    }
    for (const match of text.matchAll(new RegExp(`name: "${PREFIX}`, "g"))) {
      if (read.has(match.index)) continue;
      const what = "a metric whose registration cannot be read";
      findings.push({
        path,
        line: lineAt(text, match.index),
        what,
        use: "meter.counter({ name, help, labelNames }) with literals",
      });
    }
  }
  return { entries: [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1)), findings };
}

export function renderMetricsPage(entries: readonly MetricEntry[]): string {
  const rows = entries.map(({ name, type, help, labelNames }) => {
    const labels = labelNames.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${type} | ${labels} | ${help.replaceAll("|", "\\|")} |`;
  });
  return `# Metrics

What Binnacle tells of itself at \`/metrics\`, beside the \`process_*\` and \`nodejs_*\` metrics of every Node
program. Written by \`node tools/reference.ts\`.

| name | type | labels | meaning |
|---|---|---|---|
${rows.join("\n")}
`;
}

/** Both pages say what the sources say. */
export function checkReference(tree: Tree): Finding[] {
  const metrics = findMetrics(tree);
  const pages = [
    [ERRORS_PAGE, renderErrorsPage()],
    [METRICS_PAGE, renderMetricsPage(metrics.entries)],
  ] as const;
  const findings = [...metrics.findings];
  for (const [path, text] of pages) {
    const written = (tree.has(path) ? tree.read(path) : "").split("\n");
    const wanted = text.split("\n");
    const line = wanted.findIndex((it, i) => it !== written[i]);
    if (line === -1 && written.length === wanted.length) continue;
    const what = `the page differs from the sources: ${wanted[line] ?? "it has more lines"}`;
    findings.push({ path, line: Math.max(1, line + 1), what, use: "node tools/reference.ts" });
  }
  return findings;
}
