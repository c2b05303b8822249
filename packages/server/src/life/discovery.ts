/** What the configuration and the agent say of scrape jobs, as the discovery endpoints answer it. */
import type { ScrapeConfig, TargetStatus } from "@binnacle/agent";
import { relabel, type LabelMap, type RelabelConfig } from "@binnacle/agent";
import { renderYaml } from "@binnacle/config";
import { compareText, type Labels } from "@binnacle/model";
import { parse } from "yaml";
import type { RelabelSteps } from "../app/discovery-routes.ts";
import type { Config } from "../config/config.ts";

/** Jobs of the file and jobs of the program's own, ascending. */
export function scrapePoolNames(config: Config, targets: readonly TargetStatus[]): string[] {
  const names = new Set(config.scrapeConfigs.map(({ jobName }) => jobName));
  for (const { scrapePool } of targets) names.add(scrapePool);
  return [...names].sort(compareText);
}

/**
 * YAML of a job as the file says it, secrets hidden; of the program's own jobs what holds for their targets.
 */
export function scrapePoolYaml(
  name: string,
  config: Config,
  targets: readonly TargetStatus[],
): string | undefined {
  const file = parse(config.yaml) as { scrape_configs?: readonly { job_name?: unknown }[] } | null;
  const written = file?.scrape_configs?.find((job) => job.job_name === name);
  if (written !== undefined) return renderYaml(written);
  const own = targets.find((it) => it.state === "active" && it.scrapePool === name);
  if (own?.state !== "active") return undefined;
  const { scrapeInterval: scrape_interval, scrapeTimeout: scrape_timeout } = own;
  return renderYaml({ job_name: name, scrape_interval, scrape_timeout });
}

/**
 * What is left of the labels after each rule, up to the one that drops them; undefined where there is no such
 * job.
 */
export function relabelStepsOf(
  jobs: readonly ScrapeConfig[],
  pool: string,
  labels: Labels,
): RelabelSteps | undefined {
  const job = jobs.find(({ jobName }) => jobName === pool);
  if (job === undefined) return undefined;
  const map: LabelMap = new Map(labels.entries());
  const steps: RelabelSteps = [];
  for (const rule of job.relabelConfigs) {
    const keep = relabel(map, [rule]);
    steps.push({ rule: ruleData(rule), output: keep ? Object.fromEntries(map) : {}, keep });
    if (!keep) break;
  }
  return steps;
}

/** As a file would say it, with what it leaves out. */
function ruleData(rule: RelabelConfig): Record<string, unknown> {
  return {
    source_labels: rule.sourceLabels,
    separator: rule.separator,
    regex: rule.regex.pattern,
    ...(rule.modulus === 0 ? {} : { modulus: rule.modulus }),
    target_label: rule.targetLabel,
    replacement: rule.replacement,
    action: rule.action,
  };
}
