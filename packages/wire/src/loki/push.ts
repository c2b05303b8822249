/** What a push of log lines says: streams to append, and what was left out of them. */
import { BinnacleError, type LogEntries } from "@binnacle/model";
import { ENTRY_ERRORS_MAX, PUSH_STREAMS_MAX } from "../limits.ts";

/** A bad entry, or with index −1 a bad stream; the rest of the push is kept. */
export interface PushError {
  /** Places in the request, counted from 0. */
  readonly stream: number;
  readonly index: number;
  readonly message: string;
}

export interface LogPush {
  readonly streams: readonly LogEntries[];
  /** Entries that are kept. */
  readonly entryCount: number;
  /** The first few of what was left out (ENTRY_ERRORS_MAX). */
  readonly errors: readonly PushError[];
  readonly errorCount: number;
}

/** Throws LIMIT_EXCEEDED. To be asked as streams come, so that no more of them are read than may be. */
export function checkStreamCount(count: number): void {
  if (count <= PUSH_STREAMS_MAX) return;
  const message = `the push has more than ${PUSH_STREAMS_MAX} streams (PUSH_STREAMS_MAX)`;
  throw new BinnacleError("LIMIT_EXCEEDED", message);
}

export class PushErrors {
  readonly list: PushError[] = [];
  count = 0;

  add(stream: number, index: number, what: string): void {
    this.count++;
    if (this.list.length >= ENTRY_ERRORS_MAX) return;
    const place = index < 0 ? `stream ${stream}` : `stream ${stream}, entry ${index}`;
    this.list.push({ stream, index, message: `${place}: ${what}` });
  }
}
