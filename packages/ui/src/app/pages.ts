/** The pages in the order in which they are shown, with the keys that lead to them. */
import type { IconName } from "../components/icon.tsx";

export interface PageEntry {
  readonly path: "/" | "/query" | "/logs" | "/alerts" | "/targets";
  readonly name: string;
  readonly icon: IconName;
  readonly keys: string;
}

export const PAGES: readonly PageEntry[] = [
  { path: "/", name: "Home", icon: "home", keys: "g h" },
  { path: "/query", name: "Metrics", icon: "metrics", keys: "g m" },
  { path: "/logs", name: "Logs", icon: "logs", keys: "g l" },
  { path: "/alerts", name: "Alerts", icon: "alerts", keys: "g a" },
  { path: "/targets", name: "Targets", icon: "targets", keys: "g t" },
];

/** Shortcuts that act on the page shown: they press or focus what carries the mark. */
export const PAGE_SHORTCUTS: readonly {
  readonly keys: string;
  readonly mark: string;
  readonly text: string;
}[] = [
  { keys: "/", mark: "search", text: "Search, or edit the query" },
  { keys: "t", mark: "time", text: "Choose the time range" },
  { keys: "r", mark: "refresh", text: "Ask again now" },
  { keys: "z", mark: "zoom-out", text: "Zoom out" },
  { keys: "l", mark: "live", text: "Logs: live tail on and off" },
  { keys: "p", mark: "pause", text: "Logs: pause the tail" },
];
