/** What scraping tells of itself. */
import type { Counter, Meter, Observer } from "@binnacle/model";

export interface ScrapeMetrics {
  /** By outcome: ok, failed. */
  readonly scrapes: Counter;
  readonly scrapeSeconds: Observer;
  /** By reason: what of a good scrape did not reach the store. */
  readonly samplesDropped: Counter;
  readonly targetsRefused: Counter;
  readonly discoveryErrors: Counter;
  /** Scrapes left out since the one before was still under way. */
  readonly scrapesSkipped: Counter;
}

export function registerScrapeMetrics(meter: Meter): ScrapeMetrics {
  return {
    scrapes: meter.counter({
      name: "binnacle_agent_scrapes_total",
      help: "Scrapes by outcome.",
      labelNames: ["outcome"],
    }),
    scrapeSeconds: meter.histogram({
      name: "binnacle_agent_scrape_duration_seconds",
      help: "How long scrapes took.",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    }),
    samplesDropped: meter.counter({
      name: "binnacle_agent_scrape_samples_dropped_total",
      help:
        "Scraped samples that were not stored, by reason: duplicate_series (a line came twice), sink_busy, " +
        "sink_failed, one of binnacle_tsdb_samples_rejected_total, or rejected (the store gave no reason).",
      labelNames: ["reason"],
    }),
    targetsRefused: meter.counter({
      name: "binnacle_agent_targets_refused_total",
      help: "Discovered targets that cannot be scraped, by reason.",
      labelNames: ["reason"],
    }),
    discoveryErrors: meter.counter({
      name: "binnacle_agent_discovery_errors_total",
      help: "Discovery files that could not be read or understood.",
    }),
    scrapesSkipped: meter.counter({
      name: "binnacle_agent_scrapes_skipped_total",
      help: "Scrapes left out since the one before was still under way.",
    }),
  };
}
