export type { Cardinality, CountedName } from "./cardinality.ts";
export type { StoredExemplar } from "./exemplar-ring.ts";
export type { Job, JobResult } from "./jobs.ts";
export type { JournalSync } from "./journal/journal.ts";
export { FUTURE_MS_MAX_DEFAULT, OUT_OF_ORDER_WINDOW_MS_DEFAULT } from "./limits.ts";
export { planMerge, planSeal, type BlockMeta } from "./plan.ts";
export { planRetention, type SelectorRetention } from "./retention.ts";
export { MetricStore } from "./store.ts";
export {
  STORE_LIMITS_DEFAULT,
  type MetricStoreOptions,
  type StoreLimits,
  type StoreStats,
} from "./store-options.ts";
export { verifyStore, type VerifiedFile } from "./verify.ts";
