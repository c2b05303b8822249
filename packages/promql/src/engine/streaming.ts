/**
 * How a vector is handed on series by series, for consumers that need no series twice: an aggregation of a
 * hundred thousand series holds one of them at a time.
 */

export interface Streaming {
  /** The order does not matter to the consumer; otherwise series come ascending by their labels. */
  readonly isAnyOrder: boolean;
  /** The consumer is done with a series when it asks for the next: its columns are used again. */
  readonly reuses: boolean;
  /** The consumer looks at no float's value, only at where there is one. Default false. */
  readonly presenceOnly?: boolean;
}

/** For whoever keeps the series, and does not mind their order. */
export const IN_ANY_ORDER: Streaming = { isAnyOrder: true, reuses: false };

/** For whoever keeps the series. */
export const IN_LABEL_ORDER: Streaming = { isAnyOrder: false, reuses: false };
