/** Rows in aligned columns, and as CSV. */

export interface Rows {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns that hold numbers, by index: aligned to the right. */
  readonly numeric?: ReadonlySet<number>;
}

export interface TableOptions {
  /** Characters that a line may have; the widest columns are cut for it. Undefined: whatever it takes. */
  readonly columns: number | undefined;
}

const GAP = "  ";
const WIDTH_MIN = 8;
/** What stands for an empty cell, so that columns can be told apart by blanks. */
const EMPTY = "-";

/** Ends with a line break. */
export function formatTable({ header, rows, numeric = new Set() }: Rows, options: TableOptions): string {
  const cells = [header, ...rows.map((row) => row.map((cell) => (cell === "" ? EMPTY : oneLine(cell))))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column]!))));
  if (options.columns !== undefined) narrow(widths, options.columns - GAP.length * (header.length - 1));
  const lines = cells.map((row) =>
    row
      .map((cell, column) => fit(cell, widths[column]!, numeric.has(column)))
      .join(GAP)
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

/** As RFC 4180 has it, with line feeds. */
export function formatCsv({ header, rows }: Rows): string {
  return [header, ...rows].map((row) => `${row.map(quoteCell).join(",")}\n`).join("");
}

function quoteCell(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Takes from the widest column, character by character, until all fit or none is wide. */
function narrow(widths: number[], room: number): void {
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= WIDTH_MIN) return;
    widths[widest]!--;
    excess--;
  }
}

function fit(cell: string, width: number, toTheRight: boolean): string {
  const length = widthOf(cell);
  if (length > width)
    return `${Array.from(cell)
      .slice(0, width - 1)
      .join("")}…`;
  const blanks = " ".repeat(width - length);
  return toTheRight ? blanks + cell : cell + blanks;
}

function widthOf(cell: string): number {
  return Array.from(cell).length;
}

/** Control characters would break the table, or command the terminal. */
function oneLine(cell: string): string {
  return cell.replace(/\p{Cc}/gu, (it) => `\\x${it.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
