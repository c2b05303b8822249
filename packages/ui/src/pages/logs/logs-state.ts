/** The Logs page's state as its URL. */
import type { Direction } from "../../api/logs-api.ts";
import type { FlatSearch } from "../../app/flat-search.ts";
import { decodeRange, encodeRange, lastSpan, type TimeRange } from "../../time/range.ts";
import { decodeRefresh, type Refresh } from "../../time/refresh.ts";

export interface LogsState {
  /** As it was typed: words, or LogQL. */
  readonly query: string;
  readonly range: TimeRange;
  readonly limit: number;
  readonly direction: Direction;
  /** Label by which the histogram is split; "" to let the page choose. */
  readonly by: string;
  readonly isLive: boolean;
  readonly wraps: boolean;
  readonly refresh: Refresh;
}

export const LINE_LIMITS: readonly number[] = [100, 500, 1000, 5000];
const LIMIT_DEFAULT = 500;
const SPAN_MS_DEFAULT = 3_600_000;

export function decodeLogsState(search: FlatSearch, nowMs: number): LogsState {
  const limit = Number(search["limit"]);
  return {
    query: search["q"] ?? "",
    range: decodeRange(search["from"], search["to"], nowMs) ?? lastSpan(SPAN_MS_DEFAULT),
    limit: LINE_LIMITS.includes(limit) ? limit : LIMIT_DEFAULT,
    direction: search["dir"] === "forward" ? "forward" : "backward",
    by: search["by"] ?? "",
    isLive: search["live"] === "1",
    wraps: search["wrap"] !== "0",
    refresh: decodeRefresh(search["refresh"], "off"),
  };
}

export function encodeLogsState(state: LogsState): Record<string, string> {
  return {
    q: state.query,
    ...encodeRange(state.range),
    ...(state.limit === LIMIT_DEFAULT ? {} : { limit: String(state.limit) }),
    ...(state.direction === "backward" ? {} : { dir: state.direction }),
    ...(state.by === "" ? {} : { by: state.by }),
    ...(state.isLive ? { live: "1" } : {}),
    ...(state.wraps ? {} : { wrap: "0" }),
    ...(state.refresh === "off" ? {} : { refresh: state.refresh }),
  };
}
