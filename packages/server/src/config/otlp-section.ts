/** The section `otlp`: how OpenTelemetry's metrics become series. Prometheus's keys and defaults. */
import { OTLP_METRICS_DEFAULTS, type OtlpMetricsOptions, TRANSLATION_STRATEGIES } from "@binnacle/wire";
import { z } from "zod";

export const otlpSchema = z
  .strictObject({
    promote_resource_attributes: z.array(z.string().min(1)).default([]),
    promote_all_resource_attributes: z.boolean().default(false),
    ignore_resource_attributes: z.array(z.string().min(1)).default([]),
    translation_strategy: z.enum(TRANSLATION_STRATEGIES).default(OTLP_METRICS_DEFAULTS.translationStrategy),
    keep_identifying_resource_attributes: z.boolean().default(false),
    convert_histograms_to_nhcb: z.boolean().default(false),
    promote_scope_metadata: z.boolean().default(false),
    label_name_underscore_sanitization: z.boolean().default(true),
    label_name_preserve_multiple_underscores: z.boolean().default(true),
  })
  .superRefine((value, context) => {
    const {
      promote_all_resource_attributes: isAll,
      promote_resource_attributes: promoted,
      ignore_resource_attributes: ignored,
    } = value;
    if (isAll && promoted.length > 0) {
      const message = "not to stand beside promote_all_resource_attributes, which promotes them all";
      context.addIssue({ code: "custom", message, path: ["promote_resource_attributes"], input: promoted });
    }
    if (!isAll && ignored.length > 0) {
      const message = "to stand beside promote_all_resource_attributes: true, whose exceptions it names";
      context.addIssue({ code: "custom", message, path: ["ignore_resource_attributes"], input: ignored });
    }
  })
  .prefault({});

/** The feature by which Prometheus takes points of delta temporality as they are. */
const DELTA_FEATURE = "otlp-native-delta-ingestion";

export function resolveOtlp(
  given: z.output<typeof otlpSchema>,
  features: ReadonlySet<string>,
): OtlpMetricsOptions {
  return {
    translationStrategy: given.translation_strategy,
    promotedResourceAttributes: given.promote_resource_attributes,
    promotesAllResourceAttributes: given.promote_all_resource_attributes,
    ignoredResourceAttributes: given.ignore_resource_attributes,
    keepsIdentifyingResourceAttributes: given.keep_identifying_resource_attributes,
    promotesScopeMetadata: given.promote_scope_metadata,
    convertsHistogramsToNhcb: given.convert_histograms_to_nhcb,
    sanitizesLeadingUnderscore: given.label_name_underscore_sanitization,
    keepsMultipleUnderscores: given.label_name_preserve_multiple_underscores,
    takesDeltas: features.has(DELTA_FEATURE),
  };
}
