import { expect, test } from "vitest";
import { Labels } from "@binnacle/model";
import type { Config } from "./config.ts";
import { loadConfig } from "./load-config.ts";
import { settingsThatNeedRestart } from "./restart.ts";

const base = await loadConfig("up", { features: [] }, { environment: {} });

test.for<[name: string, change: Partial<Config>, settings: string[]]>([
  ["nothing", {}, []],
  ["what a reload applies", { ruleFiles: ["x"], yaml: "x" }, []],
  ["an address", { listen: { host: "127.0.0.1", port: 1 } }, ["listen"]],
  ["labels of the same content", { externalLabels: Labels.fromObject({}) }, []],
  ["other labels", { externalLabels: Labels.fromObject({ a: "b" }) }, ["global.external_labels"]],
  ["two at once", { dataDir: "/x", logsRetentionMs: 1 }, ["data", "retention.logs"]],
])("%s", ([, change, settings]) => {
  // A key is computed when it is first asked for: it must not make equal labels differ.
  base.externalLabels.key();
  expect(settingsThatNeedRestart(base, { ...base, ...change })).toEqual(settings);
});
