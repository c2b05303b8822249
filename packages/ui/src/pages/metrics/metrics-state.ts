/**
 * The Metrics page's state as its URL, in Prometheus's own parameters: g0.expr, g0.tab, g0.range_input and so
 * on, so that its bookmarks and the links in its alerts open here, and ours there.
 */
import type { FlatSearch } from "../../app/flat-search.ts";
import { PANELS_MAX } from "../../limits.ts";
import { formatDuration, parseDuration } from "../../time/duration.ts";
import { fixedRange, lastSpan, spanOf, type TimeRange } from "../../time/range.ts";
import { decodeRefresh, type Refresh } from "../../time/refresh.ts";

export type Tab = "graph" | "table";
export type Density = "low" | "medium" | "high";
export type Resolution =
  | { readonly kind: "auto"; readonly density: Density }
  | { readonly kind: "fixed"; readonly stepMs: number };

export interface PanelState {
  readonly expr: string;
  readonly tab: Tab;
  readonly isStacked: boolean;
  readonly resolution: Resolution;
}

/** One window of time for all panels: what is compared must stand under each other. */
export interface MetricsState {
  readonly panels: readonly PanelState[];
  readonly range: TimeRange;
  readonly refresh: Refresh;
}

const SPAN_MS_DEFAULT = 3_600_000;
const AUTO: Resolution = { kind: "auto", density: "medium" };

export function panelOf(expr: string, options: Partial<PanelState> = {}): PanelState {
  return { expr, tab: "graph", isStacked: false, resolution: AUTO, ...options };
}

export function decodeMetricsState(search: FlatSearch): MetricsState {
  const panels: PanelState[] = [];
  for (let index = 0; index < PANELS_MAX; index++) {
    const get = (name: string): string | undefined => search[`g${index}.${name}`];
    const expr = get("expr");
    if (expr === undefined && get("tab") === undefined) break;
    panels.push({
      expr: expr ?? "",
      // Prometheus 2 wrote 0 for the graph and 1 for the table.
      tab: get("tab") === "table" || get("tab") === "1" ? "table" : "graph",
      isStacked: get("display_mode") === "stacked" || get("stacked") === "1",
      resolution: decodeResolution(get),
    });
  }
  return {
    panels: panels.length === 0 ? [panelOf("")] : panels,
    range: decodePanelRange(search["g0.range_input"], search["g0.end_input"]),
    refresh: decodeRefresh(search["refresh"], "auto"),
  };
}

export function encodeMetricsState(state: MetricsState): Record<string, string> {
  const search: Record<string, string> = {};
  state.panels.slice(0, PANELS_MAX).forEach((panel, index) => {
    const set = (name: string, value: string): void => {
      search[`g${index}.${name}`] = value;
    };
    set("expr", panel.expr);
    set("tab", panel.tab);
    if (panel.isStacked) set("display_mode", "stacked");
    set("range_input", formatDuration(spanOf(state.range)));
    if (state.range.kind === "fixed") set("end_input", formatEnd(state.range.toMs));
    const { resolution } = panel;
    if (resolution.kind === "fixed") {
      set("res_type", "fixed");
      set("res_step", String(resolution.stepMs / 1000));
    } else if (resolution.density !== "medium") {
      set("res_type", "auto");
      set("res_density", resolution.density);
    }
  });
  if (state.refresh !== "auto") search["refresh"] = state.refresh;
  return search;
}

function decodeResolution(get: (name: string) => string | undefined): Resolution {
  const density = get("res_density");
  const seconds = Number(get("res_step") ?? get("step_input"));
  const isFixed =
    get("res_type") === "fixed" || get("res_type") === "custom" || get("step_input") !== undefined;
  if (isFixed && Number.isFinite(seconds) && seconds > 0)
    return { kind: "fixed", stepMs: Math.max(1, Math.round(seconds * 1000)) };
  return density === "low" || density === "high" ? { kind: "auto", density } : AUTO;
}

function decodePanelRange(rangeInput: string | undefined, endInput: string | undefined): TimeRange {
  const spanMs = (rangeInput === undefined ? undefined : parseDuration(rangeInput)) || SPAN_MS_DEFAULT;
  const endMs = endInput === undefined ? undefined : parseEnd(endInput);
  return endMs === undefined ? lastSpan(spanMs) : fixedRange(endMs - spanMs, endMs);
}

/** Prometheus writes the end in UTC without saying so. */
function parseEnd(text: string): number | undefined {
  const iso = text.trim().replace(" ", "T");
  const ms = Date.parse(
    /(?:Z|[+-]\d{2}:\d{2})$/.test(iso) ? iso : `${iso.length === 16 ? `${iso}:00` : iso}Z`,
  );
  return Number.isNaN(ms) ? undefined : ms;
}

function formatEnd(ms: number): string {
  const text = new Date(ms).toISOString().replace("T", " ").replace("Z", "");
  return text.endsWith(".000") ? text.slice(0, -4) : text;
}
