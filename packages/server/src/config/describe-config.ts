/** The configuration as a person may see it. */
import { globalScrapeDefaults } from "@binnacle/agent";
import { redactSecrets, renderYaml } from "@binnacle/config";
import { formatDuration } from "@binnacle/model";
import { EVALUATION_INTERVAL_DEFAULT_MS } from "./defaults.ts";
import { fileSchema } from "./schema.ts";

/**
 * YAML of a file as written, without its secrets; intervals that hold for all jobs are said even if it does
 * not.
 */
export function describeConfig(raw: unknown): string {
  const { global = {}, ...sections } = redactSecrets(fileSchema, raw) as { global?: object };
  const intervals = {
    scrape_interval: formatDuration(globalScrapeDefaults.scrape_interval),
    scrape_timeout: formatDuration(globalScrapeDefaults.scrape_timeout),
    evaluation_interval: formatDuration(EVALUATION_INTERVAL_DEFAULT_MS),
  };
  return renderYaml({ global: { ...intervals, ...global }, ...sections });
}
