/** Who may import whom: the architecture as data. A name with a path is only that entry of the package. */
export const IMPORT_TABLE: Readonly<Record<string, readonly string[]>> = {
  model: [],
  re2: ["model"],
  config: ["model", "re2"],
  "lmdb-file": ["model"],
  kernels: ["model"],
  wire: ["model", "kernels"],
  tsdb: ["model", "lmdb-file", "kernels", "re2"],
  promql: ["model", "re2"],
  gotemplate: ["model", "re2"],
  logs: ["model", "lmdb-file", "kernels", "re2", "gotemplate", "promql"],
  alerting: ["model", "lmdb-file", "config", "re2", "gotemplate"],
  agent: ["model", "lmdb-file", "config", "re2", "gotemplate", "wire"],
  api: ["model"],
  ui: ["api", "promql/parser", "logs/parser"],
  server: [
    "model",
    "re2",
    "config",
    "kernels",
    "wire",
    "tsdb",
    "promql",
    "gotemplate",
    "logs",
    "alerting",
    "agent",
    "api",
  ],
};

/** Packages and entries that run in a browser too: no built-in of Node may be reached from them. */
export const NODE_FREE: readonly string[] = [
  "model",
  "re2",
  "promql",
  "gotemplate",
  "api",
  "promql/parser",
  "logs/parser",
];
