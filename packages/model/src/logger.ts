/** The part of pino's interface that packages use, so that none of them depends on it. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Says nothing: for tests, and for callers that have no log. */
export const NO_LOGGER: Logger = { debug() {}, info() {}, warn() {}, error() {} };
