/** What can go wrong with a request, as one type that pages can show. */

export interface TextPosition {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

export type ApiErrorKind = "refused" | "unreachable" | "unreadable";

export class ApiError extends Error {
  override readonly name = "ApiError";
  /**
   * refused: the server said no. unreachable: there was no answer. unreadable: the answer was not the API's.
   */
  readonly kind: ApiErrorKind;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** Prometheus's errorType, "" where there is none. */
  readonly errorType: string;
  /** Where in the query the mistake stands. */
  readonly position: TextPosition | undefined;

  constructor(kind: ApiErrorKind, message: string, options: { status?: number; errorType?: string } = {}) {
    super(message);
    this.kind = kind;
    this.status = options.status ?? 0;
    this.errorType = options.errorType ?? "";
    this.position = positionIn(message);
  }
}

const LOKI_PLACE = /\bline (\d{1,7}), col(?:umn)? (\d{1,7})\b/;
const PROMETHEUS_PLACE = /(?:^|[\s:])(\d{1,7}):(\d{1,7}): /;

/** The first "line:column" a message names, in Prometheus's or in Loki's way of writing it. */
export function positionIn(message: string): TextPosition | undefined {
  const match = LOKI_PLACE.exec(message) ?? PROMETHEUS_PLACE.exec(message);
  if (match === null) return undefined;
  const line = Number(match[1]);
  const column = Number(match[2]);
  return line < 1 || column < 1 ? undefined : { line, column };
}

/** The offset of a position in a text, clamped into it. */
export function offsetOf(text: string, position: TextPosition): number {
  let start = 0;
  for (let line = 1; line < position.line; line++) {
    const end = text.indexOf("\n", start);
    if (end === -1) break;
    start = end + 1;
  }
  return Math.min(text.length, start + position.column - 1);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
