/** Targets as Prometheus's /api/v1/targets shows them. */
import { formatDuration, type Labels } from "@binnacle/model";
import type { ScrapeState } from "./scrape-loop.ts";
import type { Target } from "./target.ts";

export interface ActiveTargetStatus {
  readonly state: "active";
  readonly discoveredLabels: Labels;
  readonly labels: Labels;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  /** RFC 3339; Go's zero time before the first scrape. */
  readonly lastScrape: string;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  readonly health: "up" | "down" | "unknown";
  /** As Prometheus prints durations: `15s`. */
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

export interface DroppedTargetStatus {
  readonly state: "dropped";
  readonly discoveredLabels: Labels;
  readonly scrapePool: string;
  /** Why it cannot be scraped, where it was not relabelling that dropped it. */
  readonly reason: string | undefined;
}

export type TargetStatus = ActiveTargetStatus | DroppedTargetStatus;

export function activeStatus(scrapePool: string, target: Target, state: ScrapeState): ActiveTargetStatus {
  const { lastScrapeMs } = state;
  return {
    state: "active",
    discoveredLabels: target.discoveredLabels,
    labels: target.labels,
    scrapePool,
    scrapeUrl: target.url,
    globalUrl: target.url,
    lastError: state.lastError,
    lastScrape: lastScrapeMs === undefined ? "0001-01-01T00:00:00Z" : new Date(lastScrapeMs).toISOString(),
    lastScrapeDuration: state.lastDurationMs / 1000,
    health: state.health,
    scrapeInterval: formatDuration(target.intervalMs),
    scrapeTimeout: formatDuration(target.timeoutMs),
  };
}
