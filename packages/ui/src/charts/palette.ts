/** Which colour a series has. The colours themselves are tokens, so that each theme has its own. */

const SERIES_COLORS = 10;

/** By place in the sorted result; past the palette's end colours repeat, and names tell series apart. */
export function seriesColor(index: number): string {
  return `--series-${(index % SERIES_COLORS) + 1}`;
}

/** `#rrggbb` with an opacity; what is not of that form is left as it is. */
export function withAlpha(hex: string, alpha: number): string {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex.trim());
  if (match === null) return hex;
  const [red, green, blue] = match.slice(1).map((part) => Number.parseInt(part, 16));
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

/** The value of a custom property where an element stands. */
export function resolveToken(element: Element, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}
