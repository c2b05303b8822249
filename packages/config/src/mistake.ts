/** What is wrong with a configuration: one entry a mistake, and the error that carries them all. */
import { BinnacleError } from "@binnacle/model";

export interface Mistake {
  /** The file as the person named it. */
  readonly file: string;
  /** Both count from 1, columns in UTF-16 code units. */
  readonly line: number;
  readonly column: number;
  /** Where in the document: `scrape_configs[0].job_name`; "" for the whole document. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
  /** What was probably meant: `did you mean scrape_interval?` */
  readonly hint?: string | undefined;
}

/** `file:line:column: path: found X, expected Y (hint)`. */
export function formatMistake(mistake: Mistake): string {
  const { file, line, column, path, found, expected, hint } = mistake;
  const where = path === "" ? `${file}:${line}:${column}` : `${file}:${line}:${column}: ${path}`;
  return `${where}: found ${found}, expected ${expected}${hint === undefined ? "" : ` (${hint})`}`;
}

/**
 * A BinnacleError of code BAD_CONFIG, so that whoever replies to errors needs to know nothing of
 * configuration. The message lists every mistake on a line of its own; `mistakes` has them apart, in the
 * order of their places.
 */
export class ConfigError extends BinnacleError {
  readonly mistakes: readonly Mistake[];

  /** Mistakes may come from several files; files keep the order in which they were first given. */
  constructor(mistakes: readonly Mistake[]) {
    const files = [...new Set(mistakes.map((mistake) => mistake.file))];
    const sorted = mistakes.toSorted(
      (a, b) =>
        files.indexOf(a.file) - files.indexOf(b.file) ||
        a.line - b.line ||
        a.column - b.column ||
        a.path.length - b.path.length,
    );
    const first = sorted[0];
    super("BAD_CONFIG", sorted.map(formatMistake).join("\n"), {
      ...(first !== undefined && { position: { line: first.line, column: first.column } }),
    });
    this.mistakes = sorted;
  }
}
