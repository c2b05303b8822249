/** Where Prometheus's words for a mistake are other than the parser's. */

/** What Prometheus says of an expression that is empty: it has no place. */
export const NO_EXPRESSION = "unknown position: parse error: no expression found in input";

export function inPrometheusWords(message: string): string {
  return message.endsWith(": parse error: no expression found in input") ? NO_EXPRESSION : message;
}
