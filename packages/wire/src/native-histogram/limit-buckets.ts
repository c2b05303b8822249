/** Bounds on the buckets that a target's native histograms may have. */
import { CUSTOM_BUCKETS_SCHEMA, type Histogram } from "@binnacle/model";
import { bucketCount, withSchema } from "./resolution.ts";

const SCHEMA_MIN = -4;

export interface BucketBounds {
  /** 0 = none. */
  readonly bucketsMax: number;
  /** By how much a bucket's bound is to be larger than the one below it, at least; 0 = whatever it is. */
  readonly bucketFactorMin: number;
}

/** The histogram, as coarse as it must be; undefined where even the coarsest has too many buckets. */
export function limitBuckets(histogram: Histogram, bounds: BucketBounds): Histogram | undefined {
  const { bucketsMax, bucketFactorMin } = bounds;
  const isCustom = histogram.schema === CUSTOM_BUCKETS_SCHEMA;
  let limited = histogram;
  while (!isCustom && limited.schema > SCHEMA_MIN && 2 ** (2 ** -limited.schema) < bucketFactorMin) {
    limited = withSchema(limited, limited.schema - 1);
  }
  while (bucketsMax > 0 && bucketCount(limited) > bucketsMax) {
    if (isCustom || limited.schema <= SCHEMA_MIN) return undefined;
    limited = withSchema(limited, limited.schema - 1);
  }
  return limited;
}
