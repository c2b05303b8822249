/** Which colour a series has. The colours themselves are tokens, so that each theme has its own. */

const SERIES_COLORS = 10;

/** By place in the sorted result; past the palette's end colours repeat, and names tell series apart. */
export function seriesColor(index: number): string {
  return `--series-${(index % SERIES_COLORS) + 1}`;
}

/**
 * `rgb(1, 2, 3)`, as browsers compute colours, with an opacity; what is not of that form is left as it is.
 */
export function withAlpha(color: string, alpha: number): string {
  const match = /^rgb\((\d+), (\d+), (\d+)\)$/.exec(color);
  return match === null ? color : `rgba(${match[1]}, ${match[2]}, ${match[3]}, ${alpha})`;
}

/**
 * What colours are where an element stands, for a canvas. A custom property's own value is text that still
 * holds light-dark(); only a real property has it resolved, so an element is asked that wears it.
 */
export function resolveColors(parent: Element, names: readonly string[]): string[] {
  const probe = document.createElement("i");
  parent.append(probe);
  const colors = names.map((name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return colors;
}
