/** How OTLP's metrics become Prometheus's: the section `otlp` of its configuration. */

/** Prometheus's own names. "WithoutSuffixes" and "NoTranslation" leave out units and `_total`. */
export const TRANSLATION_STRATEGIES = [
  "UnderscoreEscapingWithSuffixes",
  "UnderscoreEscapingWithoutSuffixes",
  "NoUTF8EscapingWithSuffixes",
  "NoTranslation",
] as const;
export type TranslationStrategy = (typeof TRANSLATION_STRATEGIES)[number];

export interface OtlpMetricsOptions {
  readonly translationStrategy: TranslationStrategy;
  /** Resource attributes that every series gets as labels. */
  readonly promotedResourceAttributes: readonly string[];
  /** All of them but these; then `promotedResourceAttributes` says nothing. */
  readonly promotesAllResourceAttributes: boolean;
  readonly ignoredResourceAttributes: readonly string[];
  /**
   * Whether target_info has service.name, service.namespace and service.instance.id beside job and instance.
   */
  readonly keepsIdentifyingResourceAttributes: boolean;
  /** Whether series get their scope as labels `otel_scope_…`. */
  readonly promotesScopeMetadata: boolean;
  /** Whether explicit histograms become native ones with custom buckets. */
  readonly convertsHistogramsToNhcb: boolean;
  /** Whether a label `_x` becomes `key_x`. */
  readonly sanitizesLeadingUnderscore: boolean;
  /** Whether `a__b` stays as it is. */
  readonly keepsMultipleUnderscores: boolean;
  /** Whether points of delta temporality are taken, as they are: sums as gauges. Else they are refused. */
  readonly takesDeltas: boolean;
}

export const OTLP_METRICS_DEFAULTS: OtlpMetricsOptions = {
  translationStrategy: "UnderscoreEscapingWithSuffixes",
  promotedResourceAttributes: [],
  promotesAllResourceAttributes: false,
  ignoredResourceAttributes: [],
  keepsIdentifyingResourceAttributes: false,
  promotesScopeMetadata: false,
  convertsHistogramsToNhcb: false,
  sanitizesLeadingUnderscore: true,
  keepsMultipleUnderscores: true,
  takesDeltas: false,
};
