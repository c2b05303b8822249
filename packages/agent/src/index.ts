export { HTTP_KEYS_WITHOUT_EFFECT } from "./config/http-config.ts";
export { relabelConfigSchema, type RelabelAction, type RelabelConfig } from "./config/relabel-config.ts";
export {
  globalScrapeDefaults,
  globalScrapeFields,
  resolveScrapeConfig,
  scrapeConfigSchema,
  scrapeConfigsSchema,
  type GlobalScrape,
  type ScrapeConfig,
  type ScrapeConfigInput,
} from "./config/scrape-config.ts";
export {
  keysWithoutEffect,
  SCRAPE_KEYS_WITHOUT_EFFECT,
  SHARED_KEYS_WITHOUT_EFFECT,
} from "./config/without-effect.ts";
export { HostCollector, type HostCollectorOptions } from "./host/host-collector.ts";
export { relabel, relabelLabels, type LabelMap } from "./relabel/relabel.ts";
export type { CollectedFamily, CollectedSample, Collector } from "./scrape/collected.ts";
export { ScrapeManager, type ScrapeManagerOptions } from "./scrape/scrape-manager.ts";
export type { ActiveTargetStatus, DroppedTargetStatus, TargetStatus } from "./scrape/target-status.ts";
export { LogTailer, type LogTailerOptions, type TailedFileStatus } from "./tail/log-tailer.ts";
export type { TailSource } from "./tail/tail-source.ts";
export type { LogForwarder } from "./forward/log-forwarder.ts";
export type { ForwarderOptions, MetricForwarder } from "./forward/metric-forwarder.ts";
