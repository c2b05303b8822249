/** How news of an alert joins what is known of it, as Alertmanager has it. */
import { isResolved, type Alert } from "../alert.ts";

/** An alert as the notifier keeps it. */
export interface StoredAlert extends Alert {
  readonly fingerprint: string;
  /** Unix ms of the last news of it. */
  readonly updatedAtMs: number;
}

/**
 * The newer news wins. Where the two were active at overlapping times they are one alert, which began when
 * the earlier did; of two ends that are both past the later holds.
 */
export function mergeAlerts(known: StoredAlert, news: StoredAlert, nowMs: number): StoredAlert {
  const overlaps =
    (news.endsAtMs > known.startsAtMs && news.endsAtMs < known.endsAtMs) ||
    (news.startsAtMs >= known.startsAtMs && news.startsAtMs < known.endsAtMs);
  if (!overlaps) return news;
  const startsAtMs = Math.min(known.startsAtMs, news.startsAtMs);
  const bothResolved = isResolved(news, nowMs) && isResolved(known, nowMs);
  const endsAtMs = bothResolved ? Math.max(known.endsAtMs, news.endsAtMs) : news.endsAtMs;
  return { ...news, startsAtMs, endsAtMs };
}
