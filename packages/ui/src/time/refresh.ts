/** How often a page asks again. */

export type Refresh = "auto" | "off" | "5s" | "15s" | "1m";

export const REFRESH_OPTIONS: readonly { readonly value: Refresh; readonly text: string }[] = [
  { value: "auto", text: "Auto" },
  { value: "off", text: "Off" },
  { value: "5s", text: "5 s" },
  { value: "15s", text: "15 s" },
  { value: "1m", text: "1 min" },
];

const INTERVAL_MS: Record<Exclude<Refresh, "auto" | "off">, number> = {
  "5s": 5000,
  "15s": 15_000,
  "1m": 60_000,
};
const AUTO_MS_MIN = 5000;

export function decodeRefresh(text: string | undefined, otherwise: Refresh): Refresh {
  return REFRESH_OPTIONS.find(({ value }) => value === text)?.value ?? otherwise;
}

/** Milliseconds between two asks, false for never. By itself a page asks when a new point may have come. */
export function refreshIntervalMs(
  refresh: Refresh,
  options: { isMoving: boolean; stepMs: number },
): number | false {
  if (refresh === "off" || !options.isMoving) return false;
  return refresh === "auto" ? Math.max(AUTO_MS_MIN, options.stepMs) : INTERVAL_MS[refresh];
}
