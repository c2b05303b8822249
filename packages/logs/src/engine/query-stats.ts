/** What a query looked at. */
export interface QueryStats {
  /** Lines, before any filter. */
  lines: number;
  /** Bytes of text that was unpacked. */
  bytes: number;
  execTimeMs: number;
}

export function newStats(): QueryStats {
  return { lines: 0, bytes: 0, execTimeMs: 0 };
}
