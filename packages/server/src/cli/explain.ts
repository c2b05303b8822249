/** `binnacle promql explain --server`: what each part of an expression takes when a server evaluates it. */
import { askServer } from "./client/server-client.ts";
import { readTime, stepFor } from "./client/times.ts";
import { formatTable } from "./output/table.ts";
import type { QueryIo } from "./query.ts";

/** As typed; what was not typed is undefined. */
export interface ExplainOptions {
  readonly server?: string;
  readonly since?: string;
  readonly step?: string;
}

/** A part of the tree as the server evaluated it. */
interface Part {
  readonly figures?: {
    readonly text: string;
    readonly totalMs: number;
    readonly selfMs: number;
    readonly evaluations: number;
    readonly series: number;
  };
  readonly [name: string]: unknown;
}

interface Explained {
  readonly explain: Part;
  readonly stats: {
    readonly samples: { readonly totalQueryableSamples: number; readonly peakSamples: number };
  };
}

/** Longest text of a part that is shown whole. */
const TEXT_LENGTH_MAX = 70;

export async function explainOnServer(
  query: string,
  { server, since, step }: ExplainOptions & { readonly server: string },
  { terminal, nowMs }: QueryIo,
): Promise<void> {
  const asked: [string, string | undefined][] = [
    ["query", query],
    ["explain", "1"],
    ["stats", "1"],
  ];
  const startMs = since === undefined ? nowMs : readTime(`now-${since}`, nowMs);
  if (since === undefined) asked.push(["time", String(nowMs / 1000)]);
  else {
    asked.push(["start", String(startMs / 1000)], ["end", String(nowMs / 1000)]);
    asked.push(["step", step ?? String(stepFor(nowMs - startMs) / 1000)]);
  }
  const path = since === undefined ? "/api/v1/query" : "/api/v1/query_range";
  const { explain, stats } = (await askServer(server, path, asked)).data as Explained;
  const rows: string[][] = [];
  collect(explain, "", "", rows);
  const header = ["part", "ms", "of its own", "evaluations", "series"];
  const columns = terminal.isInteractive ? terminal.columns : undefined;
  terminal.write(formatTable({ header, rows, numeric: new Set([1, 2, 3, 4]) }, { columns }));
  const { totalQueryableSamples, peakSamples } = stats.samples;
  terminal.write(`\n${totalQueryableSamples} samples looked at, at most ${peakSamples} held at once\n`);
}

function collect(part: Part, lead: string, below: string, rows: string[][]): void {
  const { figures } = part;
  if (figures !== undefined) {
    const { text, totalMs, selfMs, evaluations, series } = figures;
    const isWhole = text.length <= TEXT_LENGTH_MAX;
    const shown = isWhole ? text : `${text.slice(0, TEXT_LENGTH_MAX - 1)}…`;
    rows.push([lead + shown, ...[totalMs, selfMs].map((ms) => ms.toFixed(3)), `${evaluations}`, `${series}`]);
  }
  const parts = partsOf(part);
  for (const [i, one] of parts.entries()) {
    const isLast = i === parts.length - 1;
    // Parts without figures were no work: what stands below them takes their place.
    if (figures === undefined) collect(one, lead, below, rows);
    else collect(one, `${below}${isLast ? "└─ " : "├─ "}`, `${below}${isLast ? "   " : "│  "}`, rows);
  }
}

function partsOf(part: Part): readonly Part[] {
  const found: Part[] = [];
  for (const name of ["param", "expr", "lhs", "rhs", "args"]) {
    const below = part[name];
    if (Array.isArray(below)) found.push(...(below as Part[]));
    else if (typeof below === "object" && below !== null) found.push(below as Part);
  }
  return found.filter(isWork);
}

function isWork(part: Part): boolean {
  return part.type !== "numberLiteral" && part.type !== "stringLiteral";
}
