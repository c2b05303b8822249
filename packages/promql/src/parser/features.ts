/** Feature flags of the language, under Prometheus's names. What is stable needs none. */

export const FEATURES = {
  experimentalFunctions: "promql-experimental-functions",
  extendedRangeSelectors: "promql-extended-range-selectors",
  fillModifiers: "promql-binop-fill-modifiers",
  delayedNameRemoval: "promql-delayed-name-removal",
  useStartTimestamps: "use-start-timestamps",
  typeAndUnitLabels: "type-and-unit-labels",
} as const;

export const NO_FEATURES: ReadonlySet<string> = new Set();

/** Every flag that changes the language or its evaluation, for those who want the whole of it. */
export const ALL_LANGUAGE_FEATURES: ReadonlySet<string> = new Set([
  FEATURES.experimentalFunctions,
  FEATURES.extendedRangeSelectors,
  FEATURES.fillModifiers,
]);
