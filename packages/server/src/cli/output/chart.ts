/**
 * Curves in a terminal: a chart of braille dots with axes, and sparklines of one line. Points that are
 * missing or no number leave gaps.
 */

const BARS = "▁▂▃▄▅▆▇█";

/** One character a column, as high as the last value in it; a blank where there is none. */
export function sparkline(values: readonly (number | undefined)[], columns: number): string {
  const sampled = resample(values, Math.min(columns, values.length));
  const { low, high } = boundsOf(sampled);
  return sampled
    .map((value) => {
      if (value === undefined || !Number.isFinite(value)) return " ";
      const share = high > low ? (value - low) / (high - low) : 0.5;
      return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))]!;
    })
    .join("");
}

export interface ChartOptions {
  /** Characters, the axis among them. */
  readonly columns: number;
  readonly rows: number;
  readonly formatValue: (value: number) => string;
  /** Written under the left and the right end. */
  readonly from: string;
  readonly to: string;
}

/** Dots of a braille character, by row and column, as bits over U+2800. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/**
 * Ends with a line break. Neighbouring points are joined by a vertical line, so that steep curves hold
 * together.
 */
export function chart(values: readonly (number | undefined)[], options: ChartOptions): string {
  const { rows, formatValue } = options;
  const { low, high } = boundsOf(values);
  const labels = [formatValue(high), formatValue(low)];
  const axisWidth = Math.max(...labels.map((it) => it.length));
  const width = Math.max(8, options.columns - axisWidth - 2);
  const dotRows = rows * DOTS.length;
  const grid = Array.from({ length: rows }, () => new Uint8Array(width));
  let before: number | undefined;
  for (const [x, value] of resample(values, width * 2).entries()) {
    if (value === undefined || !Number.isFinite(value)) {
      before = undefined;
      continue;
    }
    const share = high > low ? (value - low) / (high - low) : 0.5;
    const y = Math.round((1 - share) * (dotRows - 1));
    const start = before ?? y;
    for (let dot = Math.min(start, y); dot <= Math.max(start, y); dot++) {
      grid[Math.floor(dot / DOTS.length)]![Math.floor(x / 2)]! |= DOTS[dot % DOTS.length]![x % 2]!;
    }
    before = y;
  }
  const lines = grid.map((cells, row) => {
    const label = row === 0 ? labels[0]! : row === rows - 1 ? labels[1]! : "";
    const curve = Array.from(cells, (dots) => (dots === 0 ? " " : String.fromCharCode(0x2800 + dots))).join(
      "",
    );
    return `${label.padStart(axisWidth)} │${curve}`.trimEnd();
  });
  const gap = Math.max(1, width - options.from.length - options.to.length);
  const below = " ".repeat(axisWidth + 2);
  return `${lines.join("\n")}\n${below}${options.from}${" ".repeat(gap)}${options.to}\n`;
}

/** One value a column: of several, the last; of fewer than columns, each repeated. */
function resample(values: readonly (number | undefined)[], columns: number): (number | undefined)[] {
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / columns));
    return values.slice(from, to).findLast((value) => value !== undefined);
  });
}

function boundsOf(values: readonly (number | undefined)[]): { low: number; high: number } {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === undefined || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? { low, high } : { low: 0, high: 0 };
}
