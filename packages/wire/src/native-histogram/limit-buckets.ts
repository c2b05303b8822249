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
  const schemaMin = histogram.schema === CUSTOM_BUCKETS_SCHEMA ? CUSTOM_BUCKETS_SCHEMA : SCHEMA_MIN;
  for (let { schema } = histogram; schema >= schemaMin; schema--) {
    const isWideEnough = schema === schemaMin || 2 ** (2 ** -schema) >= bounds.bucketFactorMin;
    const limited = withSchema(histogram, schema);
    const hasRoom = bounds.bucketsMax === 0 || bucketCount(limited) <= bounds.bucketsMax;
    if (isWideEnough && hasRoom) return limited;
  }
  return undefined;
}
