/** What an in-process collector hands over: metric families, as an exposition would hold them. */
import type { MetricType } from "@binnacle/model";

export interface CollectedSample {
  /** name, value, name, value, … in any order; values may be empty. */
  readonly labels: readonly string[];
  readonly value: number;
}

export interface CollectedFamily {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly samples: readonly CollectedSample[];
}

/** A target inside this process, scraped like any other. */
export interface Collector {
  readonly job: string;
  readonly instance: string;
  readonly intervalMs: number;
  /** Must settle within intervalMs; a rejection costs this target its `up`. */
  collect(): Promise<readonly CollectedFamily[]>;
}
