/** Which dialect of the exposition format a Content-Type names. */

export type Dialect = "text" | "openmetrics";

/** What this parser can read, best first: the value of a scrape's Accept header. */
export const EXPOSITION_ACCEPT =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
  "application/openmetrics-text;version=0.0.1;q=0.5," +
  "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

/**
 * The dialect, or undefined for a missing or a foreign content type; Prometheus then wants a fallback
 * configured.
 */
export function dialectOf(contentType: string | undefined): Dialect | undefined {
  const [media = ""] = (contentType ?? "").split(";", 1);
  switch (media.trim().toLowerCase()) {
    case "application/openmetrics-text":
      return "openmetrics";
    case "text/plain":
      return "text";
    default:
      return undefined;
  }
}
