/** Time as a dependency, so that tests can hold it. */

export interface Clock {
  /** Unix milliseconds; may jump when the machine's clock is set. */
  nowMs(): number;
  /** Milliseconds since some moment in the past; never jumps, may have a fraction. */
  monotonicMs(): number;
}

export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
