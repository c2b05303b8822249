/**
 * The three kinds of failure, and the table of codes for the first.
 *
 * - Bad input: `BinnacleError` with a code from ERROR_CODES. Its message carries the value, the bound and the
 *   place.
 * - Our mistake: `assert` of assert.ts; the message begins `BUG:`.
 * - A broken disk or environment: `FatalError` with path and offset; only the program's entry catches it.
 *
 * docs/reference/errors.md lists the same table; a test holds both equal.
 */

/** Prometheus's words for `errorType` in its JSON envelope. */
export type ErrorType =
  | "bad_data"
  | "execution"
  | "timeout"
  | "canceled"
  | "internal"
  | "unavailable"
  | "not_found"
  | "not_acceptable";

interface ErrorCode {
  /** HTTP status of a reply that carries it. */
  readonly status: number;
  readonly type: ErrorType;
  readonly text: string;
}

export const ERROR_CODES = {
  BAD_PARAMETER: {
    status: 400,
    type: "bad_data",
    text: "a request's parameter is missing or cannot be read",
  },
  BAD_BODY: { status: 400, type: "bad_data", text: "a request's body is not what its content type says" },
  BAD_CONFIG: { status: 400, type: "bad_data", text: "the configuration has mistakes; each is listed" },
  BAD_LABELS: { status: 400, type: "bad_data", text: "a label set is not well formed" },
  BAD_REGEXP: { status: 400, type: "bad_data", text: "a regular expression is not valid RE2 syntax" },
  BAD_TEMPLATE: { status: 400, type: "bad_data", text: "a template cannot be parsed or executed" },
  BAD_EXPOSITION: { status: 400, type: "bad_data", text: "an exposition text is malformed" },
  PARSE_ERROR: { status: 400, type: "bad_data", text: "a query cannot be parsed" },
  NOT_EVALUATED: {
    status: 422,
    type: "execution",
    text: "a query uses a part of the language that is not evaluated",
  },
  EXECUTION_ERROR: { status: 422, type: "execution", text: "a query cannot be executed on this data" },
  QUERY_TIMEOUT: { status: 503, type: "timeout", text: "a query passed its deadline" },
  QUERY_CANCELED: {
    status: 503,
    type: "canceled",
    text: "a query was cancelled, usually because its client left",
  },
  LIMIT_EXCEEDED: {
    status: 422,
    type: "execution",
    text: "a query or request passed a limit, which is named",
  },
  BODY_TOO_LARGE: { status: 413, type: "bad_data", text: "a request's body is larger than its limit" },
  UNSUPPORTED_MEDIA: { status: 415, type: "bad_data", text: "a content type or encoding is not supported" },
  TOO_MANY_REQUESTS: { status: 429, type: "unavailable", text: "a queue is full; try again later" },
  UNAVAILABLE: { status: 503, type: "unavailable", text: "the service is starting, stopping or read-only" },
  NOT_FOUND: { status: 404, type: "not_found", text: "there is nothing under this name" },
  CORRUPT_DATA: {
    status: 500,
    type: "internal",
    text: "stored data fails its checksum or its declared length",
  },
  INTERNAL: { status: 500, type: "internal", text: "an unexpected failure; the log has the details" },
} as const satisfies Record<string, ErrorCode>;

export type ErrorCodeName = keyof typeof ERROR_CODES;

/** A place in a text a person wrote. Lines and columns count from 1, columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export class BinnacleError extends Error {
  override readonly name = "BinnacleError";
  readonly code: ErrorCodeName;
  /** Where in the query or file the mistake stands, if it stands somewhere. */
  readonly position: Position | undefined;

  constructor(code: ErrorCodeName, message: string, options: { cause?: unknown; position?: Position } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.position = options.position;
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }

  get type(): ErrorType {
    return ERROR_CODES[this.code].type;
  }
}

/** An error as it travels between threads: structured clone keeps no class. */
export interface ErrorMessage {
  readonly code: ErrorCodeName;
  readonly message: string;
  readonly position: Position | undefined;
}

/** What an error says to the other thread; anything that is not a BinnacleError becomes INTERNAL. */
export function toErrorMessage(error: unknown): ErrorMessage {
  if (error instanceof BinnacleError) {
    return { code: error.code, message: error.message, position: error.position };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: "INTERNAL", message: text, position: undefined };
}

export function fromErrorMessage(message: ErrorMessage): BinnacleError {
  const { position } = message;
  return new BinnacleError(message.code, message.message, position === undefined ? {} : { position });
}

/** A disk or an environment that no longer does what it promised. The process ends with this message. */
export class FatalError extends Error {
  override readonly name = "FatalError";
  readonly path: string;
  readonly offset: number | undefined;

  constructor(message: string, options: { path: string; offset?: number; cause?: unknown }) {
    const at = options.offset === undefined ? options.path : `${options.path} at byte ${options.offset}`;
    super(`${message} (${at})`, options.cause === undefined ? undefined : { cause: options.cause });
    this.path = options.path;
    this.offset = options.offset;
  }
}
