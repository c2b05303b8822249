/**
 * Parameters that several routes share. Times and durations arrive as text; the server reads them (see
 * params.ts there).
 */
import { Type } from "typebox";

export const TimeParam = Type.String({
  description: "RFC 3339, or Unix seconds with an optional fraction",
  examples: ["2026-01-02T03:04:05Z", "1767323045.5"],
});

export const DurationParam = Type.String({
  description: "a Prometheus duration, or seconds with an optional fraction",
  examples: ["15s", "0.5"],
});

export const SelectorsParam = Type.Array(Type.String(), {
  description: "series selectors; a series need match only one",
});

export const LimitParam = Type.String({ description: "most entries to answer with; 0 or none for all" });

export const LokiTimeParam = Type.String({
  description: "Unix nanoseconds, Unix seconds with a fraction, or RFC 3339",
});

export const FlagParam = Type.String({ description: "true or false", examples: ["true"] });
