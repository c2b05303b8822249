/** Patterns: what kinds of lines there are, how many of each, and what stands in them where they vary. */
export { diffPatterns, type PatternChange, type PatternCount } from "./diff-patterns.ts";
export { groupShapes } from "./group-shapes.ts";
export { patternText, slotValues } from "./pattern-text.ts";
export {
  MinedPatterns,
  querySlot,
  type PatternSeries,
  type PatternsQuery,
  type PatternSource,
  type SlotDistribution,
} from "./query-patterns.ts";
export { ShapeTable, type Shape } from "./shapes.ts";
