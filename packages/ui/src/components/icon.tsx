/**
 * Icons: strokes on a grid of 16, in the text's colour. They decorate; what they mean stands beside them as
 * text.
 */
import type { ReactNode } from "react";

const PATHS = {
  home: "M2.5 7.2 8 2.5l5.5 4.7M4 6.2v7.3h8V6.2M6.8 13.5V9.6h2.4v3.9",
  metrics: "M2.5 2.5v11h11M5 10.5l2.4-3.6 2.2 2 3.4-5",
  logs: "M2.5 3.5h11M2.5 6.5h7.5M2.5 9.5h9.5M2.5 12.5h5",
  alerts: "M8 2.2v1.3M4.2 10.8V7.3a3.8 3.8 0 0 1 7.6 0v3.5l1.2 1.4H3zM6.7 13.9h2.6",
  targets:
    "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11" +
    "M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8M8 1v2.6M8 12.4V15M1 8h2.6M12.4 8H15",
  sun:
    "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.4v1.5M8 13.1v1.5M1.4 8h1.5" +
    "M13.1 8h1.5M3.3 3.3l1.1 1.1M11.6 11.6l1.1 1.1M12.7 3.3l-1.1 1.1M4.4 11.6l-1.1 1.1",
  moon: "M13.2 9.7A5.6 5.6 0 0 1 6.3 2.8a5.6 5.6 0 1 0 6.9 6.9z",
  auto: "M8 2.4a5.6 5.6 0 1 0 0 11.2A5.6 5.6 0 0 0 8 2.4zM8 2.4v11.2M8 5.2h4.6M8 8h5.6M8 10.8h4.6",
  help:
    "M5.9 6a2.1 2.1 0 1 1 3 1.9c-.6.3-.9.7-.9 1.4M8 11.6v.2" +
    "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8",
  clock: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 4.8V8l2.2 1.6",
  refresh: "M13.2 8a5.2 5.2 0 1 1-1.6-3.8M13.4 2.4v2.8h-2.8",
  left: "M10 3.5 5.5 8l4.5 4.5",
  right: "M6 3.5 10.5 8 6 12.5",
  down: "M3.5 6 8 10.5 12.5 6",
  zoomOut: "M7 2.4a4.6 4.6 0 1 0 0 9.2 4.6 4.6 0 0 0 0-9.2M10.4 10.4l3.4 3.4M4.9 7h4.2",
  plus: "M8 3v10M3 8h10",
  close: "M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4",
  copy: "M5.5 5.5h7.7v7.7H5.5zM10.5 5.3V2.8H2.8v7.7h2.5",
  play: "M4.8 3v10l8-5z",
  pause: "M5.2 3.2v9.6M10.8 3.2v9.6",
  search: "M7 2.4a4.6 4.6 0 1 0 0 9.2 4.6 4.6 0 0 0 0-9.2M10.4 10.4l3.4 3.4",
  tag: "M2.6 2.6h5l5.8 5.8-5 5-5.8-5.8zM5.4 5.4h.1",
  wrap: "M2.5 3.5h11M2.5 8h8.7a2.2 2.2 0 0 1 0 4.4H8.2M9.8 10.8l-1.7 1.6 1.7 1.6M2.5 12.4h3",
  link:
    "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2-2a2.6 2.6 0 0 0-3.7-3.7l-.8.8" +
    "M9.2 6.8a2.6 2.6 0 0 0-3.7 0l-2 2a2.6 2.6 0 0 0 3.7 3.7l.8-.8",
  eye:
    "M1.6 8S4 3.8 8 3.8 14.4 8 14.4 8 12 12.2 8 12.2 1.6 8 1.6 8" +
    "M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6",
  eyeOff: "M1.6 8S4 3.8 8 3.8 14.4 8 14.4 8 12 12.2 8 12.2 1.6 8 1.6 8M2.8 13.2 13.2 2.8",
  download: "M8 2.4v7.4M4.8 6.9 8 10l3.2-3.1M2.8 13.4h10.4",
  format: "M2.5 3.5h11M5.5 6.5h8M5.5 9.5h8M2.5 12.5h11",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactNode {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark: a compass card with its needle. */
export function Mark({ size = 24 }: { readonly size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <circle cx="12" cy="12" r="10.25" stroke="var(--ink)" strokeWidth="1.5" />
      <path d="M12 1.8v2.4M12 19.8v2.4M1.8 12h2.4M19.8 12h2.4" stroke="var(--ink)" strokeWidth="1.5" />
      <path d="M12 5.2 14.9 12 12 18.8 9.1 12z" fill="var(--brass-fill)" />
      <path d="M12 12h2.9L12 18.8 9.1 12z" fill="var(--ink)" />
    </svg>
  );
}
