/**
 * What a person browsing logs asks before there is a query: how much there is, which labels, which fields.
 */
export { FieldTable, type DetectedField, type FieldType } from "./detected-fields.ts";
export { detectLabels, type DetectedLabel } from "./detected-labels.ts";
export {
  streamStats,
  streamVolumes,
  type StreamRange,
  type StreamStats,
  type Volume,
  type VolumeQuery,
} from "./volume.ts";
